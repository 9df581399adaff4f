// Tells when an interface carries more than it should: the event `burst`.
//
// Config, with its default:
//
//     mbit_per_second = 100
#include <ringtap.h>

/// There are as many as there are taps, so few. What is beyond is not watched.
#define MAX_INTERFACES 64

typedef struct {
    uint32_t ifindex;
    uint64_t bytes;
} interface;

static struct {
    double limit;
    uint64_t since_ns;
    interface interfaces[MAX_INTERFACES];
    uint32_t count;
} bursts;

static ringtap_histogram *sizes;

static const ringtap_description description = {
    .name = "bursts",
    .version = "0.1.0",
    .tick_ms = 1000,
};

static ringtap_error init(ringtap_text text) {
    static const double bounds[] = {64, 256, 1024, 1518, 9018};
    ringtap_report_panics();
    ringtap_config config;
    ringtap_config_read(&config, text);
    uint64_t mbit = ringtap_config_integer(&config, "mbit_per_second", 100, 1, 1000000);
    ringtap_error error = ringtap_config_finish(&config);
    if (error != NULL) {
        return error;
    }
    bursts.limit = (double)mbit * 1e6 / 8;
    bursts.since_ns = 0;
    bursts.count = 0;
    return ringtap_histogram_new(&sizes, "bursts_packet_bytes", "Sizes of packets.", bounds, 5,
                                 NULL, 0);
}

static interface *find(uint32_t ifindex) {
    for (uint32_t i = 0; i < bursts.count; i++) {
        if (bursts.interfaces[i].ifindex == ifindex) {
            return &bursts.interfaces[i];
        }
    }
    if (bursts.count == MAX_INTERFACES) {
        return NULL;
    }
    interface *added = &bursts.interfaces[bursts.count++];
    *added = (interface){.ifindex = ifindex};
    return added;
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        ringtap_histogram_observe(sizes, ringtap_packet_wire_len(packet));
        interface *interface = find(ringtap_packet_ifindex(packet));
        if (interface != NULL) {
            interface->bytes += ringtap_packet_wire_bytes(packet);
        }
    }
}

static void tell(const interface *interface, uint64_t now_ns, double seconds) {
    ringtap_row *row = ringtap_row_new("burst", now_ns);
    ringtap_text name;
    if (ringtap_interface_name(interface->ifindex, &name)) {
        ringtap_row_text(row, "interface", name.data);
    }
    ringtap_row_uint(row, "bytes", interface->bytes);
    ringtap_row_float(row, "seconds", seconds);
    ringtap_row_emit(row);
}

static void tick(uint64_t now_ns) {
    // A tick can be late, and so cover more than a second.
    uint64_t ns = bursts.since_ns == 0 ? 1000000000 : now_ns - bursts.since_ns;
    bursts.since_ns = now_ns;
    double seconds = (double)(ns == 0 ? 1 : ns) / 1e9;
    for (uint32_t i = 0; i < bursts.count; i++) {
        interface *interface = &bursts.interfaces[i];
        if ((double)interface->bytes / seconds > bursts.limit) {
            tell(interface, now_ns, seconds);
        }
        interface->bytes = 0;
    }
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, tick, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)
