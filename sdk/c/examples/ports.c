// Tells a port that nobody was seen to use before, and what this plugin was before remembers it
// too.
#include <ringtap.h>

static bool is_known[65536];

static const ringtap_state_schema schema = {.writes = 1, .reads_from = 1};
static const ringtap_description description = {
    .name = "ports", .version = "0.1.0", .state = &schema};

static ringtap_error init(ringtap_text config) {
    (void)config;
    return NULL;
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        uint16_t port;
        if (ringtap_packet_dst_port(packet, &port) && !is_known[port]) {
            is_known[port] = true;
            ringtap_row *row = ringtap_row_new("port", ringtap_packet_time_ns(packet));
            ringtap_row_uint(row, "port", port);
            ringtap_row_emit(row);
        }
    }
}

static ringtap_error save(ringtap_writer *out) {
    for (uint32_t port = 0; port < 65536; port++) {
        if (is_known[port]) {
            ringtap_write_u16(out, (uint16_t)port);
        }
    }
    return NULL;
}

static ringtap_error restore(uint32_t form, ringtap_reader *saved) {
    (void)form;
    while (saved->left > 0) {
        is_known[ringtap_read_u16(saved)] = true;
    }
    return saved->is_short ? "the saved ports end in the middle of one" : NULL;
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)
RINGTAP_EXPORT_STATE(save, restore)
