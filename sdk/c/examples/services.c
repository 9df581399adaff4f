// Counts packets to web servers and answers of name servers.
#include <ringtap.h>

static ringtap_counter *web;
static ringtap_counter *names;

static const ringtap_interest interests[] = {
    {.name = "web", .filter = "tcp dst port 443"},
    {.name = "names", .filter = "udp port 53", .payload = 64},
};
static const ringtap_description description = {
    .name = "services",
    .version = "0.1.0",
    .interests = interests,
    .interest_count = 2,
};

static ringtap_error init(ringtap_text config) {
    (void)config;
    ringtap_error error =
        ringtap_counter_new(&web, "services_web_packets_total", "Packets to web servers.", NULL, 0);
    if (error != NULL) {
        return error;
    }
    return ringtap_counter_new(&names, "services_answers_total", "Answers of name servers.", NULL,
                               0);
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        if (ringtap_packet_matches(packet, 0)) {
            ringtap_counter_add(web, ringtap_packet_packets(packet));
        }
        // The highest bit of a DNS message's third byte: an answer.
        ringtap_bytes payload = ringtap_packet_payload(packet);
        if (ringtap_packet_matches(packet, 1) && payload.len > 2 && (payload.data[2] & 0x80) != 0) {
            ringtap_counter_add(names, ringtap_packet_packets(packet));
        }
    }
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)
