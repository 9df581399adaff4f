// The plugin `sieve` of tests/conformance: TCP packets of one host.
#include <ringtap.h>

static ringtap_address host;
static ringtap_counter *kept;

static const ringtap_description description = {.name = "sieve", .version = "1.0.0"};

static ringtap_error init(ringtap_text text) {
    ringtap_config config;
    ringtap_config_read(&config, text);
    ringtap_text name = ringtap_config_text(&config, "host", "198.51.100.1");
    ringtap_error error = ringtap_config_finish(&config);
    if (error != NULL) {
        return error;
    }
    if (!ringtap_address_parse(name, &host)) {
        return ringtap_concat("config key `host`: ", name.data, " is no IP address");
    }
    return ringtap_counter_new(&kept, "sieve_kept_total", "Packets that were kept.", NULL, 0);
}

static bool keep(ringtap_packet packet) {
    ringtap_address src;
    ringtap_address dst;
    uint8_t protocol;
    if (!ringtap_packet_protocol(packet, &protocol) || protocol != 6) {
        return false;
    }
    bool is_hosts = (ringtap_packet_src(packet, &src) && ringtap_address_equal(&src, &host)) ||
                    (ringtap_packet_dst(packet, &dst) && ringtap_address_equal(&dst, &host));
    if (is_hosts) {
        ringtap_counter_add(kept, ringtap_packet_packets(packet));
    }
    return is_hosts;
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_FILTER(keep)
