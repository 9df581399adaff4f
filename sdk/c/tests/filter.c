// A filter that keeps the packets that are longer than the one before.
#include "ringtap/testing.h"

static uint32_t before;

static const ringtap_description description = {.name = "filter", .version = "1.0.0"};

static ringtap_error init(ringtap_text config) {
    (void)config;
    return NULL;
}

static bool keep(ringtap_packet packet) {
    uint32_t len = ringtap_packet_wire_len(packet);
    bool is_longer = len > before;
    before = len;
    return is_longer;
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_FILTER(keep)

RINGTAP_TEST(each_packet_is_asked_about_in_order) {
    static const uint32_t lengths[] = {60, 70, 70, 90, 91, 92, 93, 94, 95};
    ringtap_test_record records[9];
    for (size_t i = 0; i < 9; i++) {
        records[i] = ringtap_test_frame();
        ringtap_test_set(&records[i], "wire_len", lengths[i]);
    }
    for (uint32_t count = 1; count <= 9; count++) {
        bool kept[9];
        before = 0;
        ringtap_test_keep(records, count, kept);
        for (uint32_t i = 0; i < count; i++) {
            RINGTAP_CHECK(kept[i] == (i != 2));
        }
    }
}
