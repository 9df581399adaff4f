// Lets packets between two ports go on that nobody has registered.
#include <ringtap.h>

static const ringtap_description description = {.name = "odd", .version = "0.1.0"};

static ringtap_error init(ringtap_text config) {
    (void)config;
    return NULL;
}

static bool keep(ringtap_packet packet) {
    uint16_t src;
    uint16_t dst;
    return ringtap_packet_src_port(packet, &src) && ringtap_packet_dst_port(packet, &dst) &&
           src >= 49152 && dst >= 49152;
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_FILTER(keep)
