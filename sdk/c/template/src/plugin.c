// Counts packets and bytes by IP protocol.
//
// Metrics: {{ident}}_packets_total and {{ident}}_bytes_total, with the label protocol.
//
// Events: protocol for each of them, every so many seconds and at the end, with what was counted
// since the plugin first ran, over all its versions.
//
// Config, with its default:
//
//     report_seconds = 60
#include <ringtap.h>
#include <string.h>

// IANA assigns the numbers. The others are one series, so that nobody who sends packets decides how
// many series there are.
enum { ICMP, ICMP6, NONE, OTHER, TCP, UDP, PROTOCOLS };
static const char *const names[] = {"icmp", "icmp6", "none", "other", "tcp", "udp"};

typedef struct {
    uint64_t packets;
    uint64_t bytes;
} total;

static struct {
    total totals[PROTOCOLS];
    uint64_t report_every_ns;
    // 0 before the first tick.
    uint64_t reported_ns;
} plugin;

static ringtap_counter_family packets =
    RINGTAP_FAMILY("{{ident}}_packets_total", "Packets by IP protocol.", "protocol");
static ringtap_counter_family bytes =
    RINGTAP_FAMILY("{{ident}}_bytes_total", "Bytes on the wire by IP protocol.", "protocol");

static const ringtap_state_schema schema = {.writes = 1, .reads_from = 1};
static const ringtap_description description = {
    .name = "{{name}}",
    .version = "0.1.0",
    .tick_ms = 1000,
    .state = &schema,
};

static ringtap_error init(ringtap_text text) {
    ringtap_report_panics();
    memset(&plugin, 0, sizeof plugin);
    ringtap_config config;
    ringtap_config_read(&config, text);
    plugin.report_every_ns = ringtap_config_seconds(&config, "report_seconds", 60, 1, 86400);
    return ringtap_config_finish(&config);
}

static size_t protocol_of(ringtap_packet packet) {
    uint8_t number;
    if (!ringtap_packet_protocol(packet, &number)) {
        return NONE;
    }
    switch (number) {
    case 1:
        return ICMP;
    case 6:
        return TCP;
    case 17:
        return UDP;
    case 58:
        return ICMP6;
    default:
        return OTHER;
    }
}

static void add(ringtap_counter_family *family, const char *protocol, uint64_t n) {
    ringtap_counter *series;
    ringtap_error error = ringtap_counter_with(family, &series, protocol);
    if (error != NULL) {
        // The host says no only to names and labels that break its rules.
        ringtap_warn(error);
        return;
    }
    ringtap_counter_add(series, n);
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        size_t protocol = protocol_of(packet);
        // Of one record, these can be more: it may stand for a sample or for a super-packet.
        uint64_t packet_count = ringtap_packet_packets(packet);
        uint64_t byte_count = ringtap_packet_wire_bytes(packet);
        plugin.totals[protocol].packets += packet_count;
        plugin.totals[protocol].bytes += byte_count;
        add(&packets, names[protocol], packet_count);
        add(&bytes, names[protocol], byte_count);
    }
}

static void report(uint64_t now_ns) {
    for (size_t i = 0; i < PROTOCOLS; i++) {
        if (plugin.totals[i].packets > 0) {
            ringtap_row *row = ringtap_row_new("protocol", now_ns);
            ringtap_row_text(row, "protocol", names[i]);
            ringtap_row_uint(row, "packets", plugin.totals[i].packets);
            ringtap_row_uint(row, "bytes", plugin.totals[i].bytes);
            ringtap_row_emit(row);
        }
    }
}

// Called about every second, as the description asks for.
static void tick(uint64_t now_ns) {
    if (plugin.reported_ns == 0) {
        plugin.reported_ns = now_ns;
    }
    if (now_ns - plugin.reported_ns >= plugin.report_every_ns) {
        plugin.reported_ns = now_ns;
        report(now_ns);
    }
}

// What is known goes to the version that replaces this one.
static ringtap_error save(ringtap_writer *out) {
    ringtap_write_u64(out, plugin.reported_ns);
    for (size_t i = 0; i < PROTOCOLS; i++) {
        ringtap_write_u64(out, plugin.totals[i].packets);
        ringtap_write_u64(out, plugin.totals[i].bytes);
    }
    return NULL;
}

static ringtap_error restore(uint32_t form, ringtap_reader *saved) {
    (void)form;
    plugin.reported_ns = ringtap_read_u64(saved);
    for (size_t i = 0; i < PROTOCOLS; i++) {
        plugin.totals[i].packets = ringtap_read_u64(saved);
        plugin.totals[i].bytes = ringtap_read_u64(saved);
    }
    return ringtap_reader_is_done(saved) ? NULL : "the saved totals are damaged";
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, tick, report)
RINGTAP_EXPORT_AGGREGATE(on_packets)
RINGTAP_EXPORT_STATE(save, restore)
