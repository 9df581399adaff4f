// A plugin that does what plugins do with each packet, and a count of what is allocated meanwhile.
#include "ringtap/testing.h"

#include <sanitizer/allocator_interface.h>

static ringtap_counter_family packets = RINGTAP_FAMILY("packets_total", "", "dst");
static ringtap_histogram *sizes;
static ringtap_gauge *gauge;

static const ringtap_description description = {.name = "allocation", .version = "1.0.0"};

static ringtap_error init(ringtap_text config) {
    (void)config;
    static const double bounds[] = {64, 1518};
    ringtap_error error = ringtap_histogram_new(&sizes, "sizes", "", bounds, 2, NULL, 0);
    return error != NULL ? error : ringtap_gauge_new(&gauge, "gauge", "", NULL, 0);
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        ringtap_histogram_observe(sizes, ringtap_packet_wire_len(packet));
        ringtap_address dst;
        char text[RINGTAP_ADDRESS_TEXT];
        ringtap_counter *series;
        if (ringtap_packet_dst(packet, &dst) &&
            ringtap_counter_with(&packets, &series, ringtap_address_text(dst, text)) == NULL) {
            ringtap_counter_add(series, ringtap_packet_packets(packet));
        }
    }
    ringtap_gauge_set(gauge, batch->count);
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)

static size_t allocations;

static void count(const volatile void *memory, size_t size) {
    (void)memory;
    (void)size;
    allocations++;
}

static void ignore(const volatile void *memory) {
    (void)memory;
}

RINGTAP_TEST(nothing_is_allocated_for_a_record) {
    static ringtap_test_record records[1024];
    for (uint32_t i = 0; i < 1024; i++) {
        records[i] = ringtap_test_udp("192.0.2.1:1", "192.0.2.2:2");
        ringtap_test_set(&records[i], "dst_lo", i % 100);
    }
    RINGTAP_CHECK(ringtap_test_start("") == NULL);
    // The first batch makes the series and the room for what waits.
    ringtap_test_packets(records, 1024);
    RINGTAP_CHECK(__sanitizer_install_malloc_and_free_hooks(count, ignore) > 0);
    ringtap_test_packets(records, 1);
    size_t of_one = allocations;
    allocations = 0;
    ringtap_test_packets(records, 1024);
    // What the harness lays out counts too, and is the same for any batch.
    RINGTAP_CHECK(allocations == of_one);
}
