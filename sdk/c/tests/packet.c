// A plugin that hands each batch to the test.
#include "ringtap/testing.h"

static void (*look)(ringtap_packet packet);

static const ringtap_description description = {.name = "packet", .version = "1.0.0"};

static ringtap_error init(ringtap_text config) {
    (void)config;
    return NULL;
}

static void on_packets(const ringtap_batch *batch) {
    RINGTAP_CHECK(batch->count == 2);
    look(ringtap_packet_at(batch, 1));
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)

static void see(ringtap_test_record record, void (*how)(ringtap_packet packet)) {
    ringtap_test_record records[] = {ringtap_test_frame(), record};
    look = how;
    ringtap_test_packets(records, 2);
}

static void has_nothing(ringtap_packet packet) {
    ringtap_address address;
    ringtap_mac mac;
    ringtap_arp arp;
    ringtap_gso gso;
    ringtap_direction direction;
    uint32_t u32;
    uint16_t u16;
    uint8_t u8;
    RINGTAP_CHECK(!ringtap_packet_src(packet, &address) && !ringtap_packet_dst(packet, &address));
    RINGTAP_CHECK(!ringtap_packet_protocol(packet, &u8) && !ringtap_packet_ttl(packet, &u8));
    RINGTAP_CHECK(!ringtap_packet_src_port(packet, &u16) && !ringtap_packet_dst_port(packet, &u16));
    RINGTAP_CHECK(!ringtap_packet_tcp_flags(packet, &u16) &&
                  !ringtap_packet_eth_type(packet, &u16));
    RINGTAP_CHECK(!ringtap_packet_eth_src(packet, &mac) && !ringtap_packet_ip_id(packet, &u32));
    RINGTAP_CHECK(!ringtap_packet_icmp_type(packet, &u8) &&
                  !ringtap_packet_flow_label(packet, &u32));
    RINGTAP_CHECK(!ringtap_packet_arp(packet, &arp) && !ringtap_packet_gso(packet, &gso));
    RINGTAP_CHECK(!ringtap_packet_direction(packet, &direction));
    RINGTAP_CHECK(ringtap_packet_payload(packet).len == 0);
    RINGTAP_CHECK(ringtap_packet_vlan_count(packet) == 0);
    RINGTAP_CHECK(ringtap_packet_hook(packet) == RINGTAP_HOOK_REPLAY);
    RINGTAP_CHECK(ringtap_packet_packets(packet) == 1 && ringtap_packet_wire_bytes(packet) == 100);
}

RINGTAP_TEST(what_a_packet_does_not_have_is_not_given) {
    see(ringtap_test_frame(), has_nothing);
}

static void has_version_only(ringtap_packet packet) {
    ringtap_address address;
    uint8_t version;
    RINGTAP_CHECK(!ringtap_packet_src(packet, &address));
    RINGTAP_CHECK(ringtap_packet_ip_version(packet, &version) && version == 4);
}

RINGTAP_TEST(an_address_needs_a_whole_header) {
    ringtap_test_record record = ringtap_test_udp("10.0.0.1:1", "10.0.0.2:2");
    ringtap_test_set(&record, "ip_len", 0);
    see(record, has_version_only);
}

static void is_tcp(ringtap_packet packet) {
    char text[RINGTAP_ADDRESS_TEXT];
    ringtap_address address;
    uint16_t port;
    uint16_t flags;
    uint32_t number;
    RINGTAP_CHECK(ringtap_packet_src(packet, &address));
    RINGTAP_CHECK_TEXT(ringtap_address_text(address, text), "fc00::1");
    RINGTAP_CHECK(ringtap_packet_dst_port(packet, &port) && port == 1234);
    RINGTAP_CHECK(ringtap_packet_tcp_flags(packet, &flags));
    RINGTAP_CHECK(flags == (RINGTAP_TCP_SYN | RINGTAP_TCP_ACK));
    RINGTAP_CHECK(!ringtap_packet_ip_id(packet, &number));
    RINGTAP_CHECK(ringtap_packet_flow_label(packet, &number) && number == 0);
    RINGTAP_CHECK(ringtap_packet_time_ns(packet) == 5);
}

RINGTAP_TEST(a_tcp_packet) {
    ringtap_test_record record =
        ringtap_test_tcp("[fc00::1]:80", "[fc00::2]:1234", RINGTAP_TCP_SYN | RINGTAP_TCP_ACK);
    ringtap_test_set(&record, "timestamp_ns", 5);
    see(record, is_tcp);
}

static void has_tags(ringtap_packet packet) {
    ringtap_vlan_tag outer = ringtap_packet_vlan_tag(packet, 0);
    ringtap_vlan_tag inner = ringtap_packet_vlan_tag(packet, 1);
    RINGTAP_CHECK(ringtap_packet_vlan_count(packet) == 2);
    RINGTAP_CHECK(outer.id == 10 && outer.priority == 5 && outer.drop_eligible && outer.service);
    RINGTAP_CHECK(inner.id == 20 && inner.priority == 0 && !inner.drop_eligible && !inner.service);
}

RINGTAP_TEST(vlan_tags_are_taken_apart) {
    ringtap_test_record record = ringtap_test_frame();
    ringtap_test_set(&record, "vlan0", 0xb00a);
    ringtap_test_set(&record, "vlan1", 20);
    ringtap_test_set(&record, "vlan_count", 2);
    ringtap_test_mark(&record, RINGTAP_MARK_SERVICE_TAG);
    see(record, has_tags);
}

static uint64_t packets;
static uint64_t bytes;

static void sum(ringtap_packet packet) {
    packets = ringtap_packet_packets(packet);
    bytes = ringtap_packet_wire_bytes(packet);
}

RINGTAP_TEST(a_super_packet_counts_as_its_segments) {
    ringtap_test_record record = ringtap_test_udp("10.0.0.1:1", "10.0.0.2:2");
    ringtap_test_set(&record, "wire_len", 3042);
    ringtap_test_set(&record, "gso_size", 1000);
    ringtap_test_set(&record, "gso_segments", 3);
    ringtap_test_set(&record, "l7_offset", 42);
    ringtap_test_mark(&record, RINGTAP_MARK_GSO);
    see(record, sum);
    RINGTAP_CHECK(packets == 3 && bytes == 3042 + 84);
    ringtap_test_mark(&record, RINGTAP_MARK_VLAN_IN_METADATA);
    see(record, sum);
    RINGTAP_CHECK(bytes == 3042 + 92);
    ringtap_test_set(&record, "sample_one_in", 1000);
    see(record, sum);
    RINGTAP_CHECK(packets == 3000 && bytes == 3134000);
    ringtap_test_set(&record, "wire_len", UINT32_MAX);
    ringtap_test_set(&record, "l7_offset", UINT16_MAX);
    ringtap_test_set(&record, "gso_segments", UINT16_MAX);
    ringtap_test_set(&record, "sample_one_in", UINT32_MAX);
    see(record, sum);
    RINGTAP_CHECK(bytes == UINT64_MAX);
    ringtap_test_set(&record, "gso_segments", 0);
    ringtap_test_set(&record, "sample_one_in", 0);
    see(record, sum);
    RINGTAP_CHECK(packets == 1 && bytes == UINT32_MAX);
}

static void is_arp(ringtap_packet packet) {
    char text[RINGTAP_ADDRESS_TEXT];
    ringtap_arp arp;
    ringtap_mac mac;
    ringtap_address address;
    RINGTAP_CHECK(ringtap_packet_arp(packet, &arp) && arp.operation == 1);
    RINGTAP_CHECK_TEXT(ringtap_address_text(arp.sender, text), "10.0.0.1");
    RINGTAP_CHECK_TEXT(ringtap_address_text(arp.target, text), "0.0.0.0");
    RINGTAP_CHECK(!ringtap_packet_src(packet, &address));
    RINGTAP_CHECK(ringtap_packet_eth_src(packet, &mac));
    RINGTAP_CHECK_TEXT(ringtap_mac_text(mac, text), "02:00:00:03:04:05");
}

RINGTAP_TEST(arp_has_addresses_of_its_own) {
    ringtap_test_record record = ringtap_test_frame();
    ringtap_test_mark(&record, RINGTAP_MARK_ARP | RINGTAP_MARK_ETH_SRC);
    ringtap_test_set(&record, "icmp_type", 1);
    ringtap_test_set(&record, "src_lo", 0x0a000001);
    ringtap_test_set(&record, "eth_src_hi", 0x02000003);
    ringtap_test_set(&record, "eth_src_lo", 0x0405);
    see(record, is_arp);
}

static void has_payload(ringtap_packet packet) {
    ringtap_bytes payload = ringtap_packet_payload(packet);
    RINGTAP_CHECK(payload.len == 3 && memcmp(payload.data, "ayl", 3) == 0);
}

static void has_none(ringtap_packet packet) {
    RINGTAP_CHECK(ringtap_packet_payload(packet).len == 0);
}

RINGTAP_TEST(payload_is_what_is_there) {
    ringtap_test_record record = ringtap_test_frame();
    record.payload = (ringtap_bytes){(const uint8_t *)"ayl", 3};
    see(record, has_payload);
    record.payload.len = 0;
    ringtap_test_set(&record, "payload_offset", UINT32_MAX);
    ringtap_test_set(&record, "payload_len", UINT16_MAX);
    see(record, has_none);
}

static void matches_two(ringtap_packet packet) {
    for (uint32_t i = 0; i < 200; i++) {
        RINGTAP_CHECK(ringtap_packet_matches(packet, i) == (i == 1 || i == 63));
    }
    RINGTAP_CHECK(!ringtap_packet_matches(packet, UINT32_MAX));
}

RINGTAP_TEST(interests_are_told_by_their_bits) {
    ringtap_test_record record = ringtap_test_frame();
    ringtap_test_set(&record, "matched", 1ull << 63 | 1ull << 1);
    see(record, matches_two);
}

RINGTAP_TEST(time_does_not_wrap_around) {
    ringtap_test_record record = ringtap_test_frame();
    ringtap_batch batch = {0, 0, -5, RINGTAP_RECORD_SIZE, 1, record.bytes, NULL, 0};
    RINGTAP_CHECK(ringtap_packet_time_ns(ringtap_packet_at(&batch, 0)) == 0);
    ringtap_test_set(&record, "timestamp_ns", 7);
    RINGTAP_CHECK(ringtap_packet_time_ns(ringtap_packet_at(&batch, 0)) == 2);
    batch.clock_offset_ns = INT64_MAX;
    ringtap_test_set(&record, "timestamp_ns", UINT64_MAX);
    RINGTAP_CHECK(ringtap_packet_time_ns(ringtap_packet_at(&batch, 0)) == UINT64_MAX);
}

RINGTAP_TEST(records_that_are_too_short_are_refused) {
    uint8_t records[RINGTAP_RECORD_SIZE] = {0};
    RINGTAP_CHECK_PANICS(ringtap_export_on_packets(0, 0, 0, 100, 1, records, 100, NULL, 0),
                         "the host's records are shorter than this SDK knows them");
    RINGTAP_CHECK_PANICS(ringtap_export_on_packets(0, 0, 0, RINGTAP_RECORD_SIZE, 2, records,
                                                   sizeof records, NULL, 0),
                         "the host's records are shorter than this SDK knows them");
}
