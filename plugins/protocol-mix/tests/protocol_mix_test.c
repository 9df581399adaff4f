// These run natively, with a host that keeps what it is told: tests/run.sh.
#include <math.h>
#include <ringtap/testing.h>

#define ETH0 "interface", "eth0", "direction"

static void start(const char *config) {
    ringtap_test_name_interface(1, "eth0");
    RINGTAP_CHECK(ringtap_test_start(config) == NULL);
}

static ringtap_test_record https(void) {
    return ringtap_test_tcp("192.0.2.1:40000", "198.51.100.1:443", RINGTAP_TCP_ACK);
}

RINGTAP_TEST(a_packet_counts_in_every_dimension) {
    start("");
    ringtap_test_record packet = https();
    ringtap_test_set(&packet, "direction", RINGTAP_INGRESS);
    ringtap_test_packets(&packet, 1);
#define IS(metric, label, value)                                                                \
    RINGTAP_CHECK(ringtap_test_metric("protocol_mix_" metric "_packets_total", ETH0, "ingress", \
                                      label, value, NULL) == 1 &&                               \
                  ringtap_test_metric("protocol_mix_" metric "_bytes_total", ETH0, "ingress",   \
                                      label, value, NULL) == 100)
    IS("ethertype", "ethertype", "ipv4");
    IS("ip", "protocol", "tcp");
    IS("service", "service", "https");
    IS("vlan", "vlan", "none");
    IS("size", "size", "65-127");
#undef IS
}

static double service(const char *name) {
    return ringtap_test_metric("protocol_mix_service_packets_total", ETH0, "unknown", "service",
                               name, NULL);
}

RINGTAP_TEST(a_service_is_found_at_either_end) {
    start("");
    ringtap_test_record packets[] = {
        https(),
        ringtap_test_tcp("198.51.100.1:443", "192.0.2.1:40000", RINGTAP_TCP_ACK),
        ringtap_test_udp("192.0.2.1:53", "192.0.2.2:22"),
        ringtap_test_udp("192.0.2.1:40000", "192.0.2.2:40001"),
        ringtap_test_ip("192.0.2.1", "192.0.2.2", 47),
    };
    ringtap_test_packets(packets, 5);
    RINGTAP_CHECK(service("https") == 2 && service("ssh") == 1 && isnan(service("dns")));
    RINGTAP_CHECK(service("other") == 1 && service("none") == 1);
}

RINGTAP_TEST(vlans_beyond_the_limit_are_other) {
    start("vlans = 2");
    for (uint64_t id = 1; id <= 5; id++) {
        ringtap_test_record packet = ringtap_test_frame();
        ringtap_test_set(&packet, "vlan_count", 1);
        ringtap_test_set(&packet, "vlan0", 0xe000 | id);
        ringtap_test_packets(&packet, 1);
    }
    RINGTAP_CHECK(ringtap_test_series("protocol_mix_vlan_packets_total") == 3);
    RINGTAP_CHECK(ringtap_test_metric("protocol_mix_vlan_packets_total", ETH0, "unknown", "vlan",
                                      "2", NULL) == 1);
    RINGTAP_CHECK(ringtap_test_metric("protocol_mix_vlan_packets_total", ETH0, "unknown", "vlan",
                                      "other", NULL) == 3);
}

RINGTAP_TEST(a_super_packet_has_the_size_of_its_segments) {
    start("");
    ringtap_test_record packet = https();
    ringtap_test_mark(&packet, RINGTAP_MARK_GSO);
    ringtap_test_set(&packet, "wire_len", 54 + 10 * 1448);
    ringtap_test_set(&packet, "l7_offset", 54);
    ringtap_test_set(&packet, "gso_segments", 10);
    ringtap_test_packets(&packet, 1);
    RINGTAP_CHECK(ringtap_test_metric("protocol_mix_size_packets_total", ETH0, "unknown", "size",
                                      "1024-1518", NULL) == 10);
}

RINGTAP_TEST(interfaces_beyond_the_limit_are_other_and_need_no_name) {
    start("interfaces = 2");
    for (uint64_t ifindex = 1; ifindex <= 4; ifindex++) {
        ringtap_test_record packet = ringtap_test_frame();
        ringtap_test_set(&packet, "ifindex", ifindex);
        ringtap_test_packets(&packet, 1);
    }
#define ARE(interface)                                                                        \
    ringtap_test_metric("protocol_mix_ip_packets_total", "interface", interface, "direction", \
                        "unknown", "protocol", "none", NULL)
    RINGTAP_CHECK(ARE("eth0") == 1 && ARE("if2") == 1 && ARE("other") == 2);
}

RINGTAP_TEST(an_interface_that_is_renamed_counts_under_its_name) {
    start("");
    ringtap_test_record packet = https();
    ringtap_test_packets(&packet, 1);
    ringtap_test_name_interface(1, "wan");
    ringtap_test_packets(&packet, 1);
    ringtap_test_tick(10);
    ringtap_test_packets(&packet, 1);
    RINGTAP_CHECK(service("https") == 2);
    RINGTAP_CHECK(ringtap_test_metric("protocol_mix_service_packets_total", "interface", "wan",
                                      "direction", "unknown", "service", "https", NULL) == 1);
}

RINGTAP_TEST(what_is_no_key_is_refused) {
    RINGTAP_CHECK_TEXT(ringtap_test_start("vlan = 1"),
                       "config key `vlan` is not known; there are: interfaces, vlans");
}
