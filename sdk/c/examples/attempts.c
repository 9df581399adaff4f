// Counts attempts to open TCP connections, by destination port.
#include <ringtap.h>

static ringtap_counter_family attempts =
    RINGTAP_FAMILY("tcp_attempts_total", "TCP connections asked for.", "port");

static const ringtap_description description = {.name = "tcp-attempts", .version = "0.1.0"};

static ringtap_error init(ringtap_text config) {
    (void)config;
    return NULL;
}

static bool is_attempt(ringtap_packet packet) {
    uint16_t flags;
    return ringtap_packet_tcp_flags(packet, &flags) && (flags & RINGTAP_TCP_SYN) != 0 &&
           (flags & RINGTAP_TCP_ACK) == 0;
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        if (!is_attempt(packet)) {
            continue;
        }
        // Anybody can send to any port, and each one named is a series of its own.
        char number[RINGTAP_NUMBER_TEXT];
        const char *name = "other";
        uint16_t port;
        if (ringtap_packet_dst_port(packet, &port) && port < 1024) {
            name = ringtap_u64_text(port, number);
        }
        ringtap_counter *series;
        if (ringtap_counter_with(&attempts, &series, name) == NULL) {
            ringtap_counter_add(series, ringtap_packet_packets(packet));
        }
    }
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)
