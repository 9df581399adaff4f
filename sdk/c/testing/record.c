// Packets for tests.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringtap/testing.h"

typedef struct {
    const char *name;
    size_t offset;
    size_t size;
} place;

static const place places[] = {
#include "fields.inc.h"
};

static place place_of(const char *field) {
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(places[i].name, field) == 0) {
            return places[i];
        }
    }
    fprintf(stderr, "no field is called `%s`\n", field);
    exit(1);
}

void ringtap_test_set(ringtap_test_record *record, const char *field, uint64_t value) {
    place place = place_of(field);
    if (place.size < 8 && value >> (place.size * 8) != 0) {
        fprintf(stderr, "%s has %zu bytes: %llu\n", field, place.size, (unsigned long long)value);
        exit(1);
    }
    memcpy(record->bytes + place.offset, &value, place.size);
}

void ringtap_test_mark(ringtap_test_record *record, uint32_t marks) {
    ringtap_test_set(record, "marks", ringtap_field_marks(record->bytes) | marks);
}

ringtap_test_record ringtap_test_frame(void) {
    ringtap_test_record record = {{0}, {NULL, 0}};
    ringtap_test_set(&record, "hook", 3);
    ringtap_test_set(&record, "ifindex", 1);
    ringtap_test_set(&record, "matched", 1);
    ringtap_test_set(&record, "sample_one_in", 1);
    ringtap_test_set(&record, "wire_len", 100);
    ringtap_test_set(&record, "cap_len", 100);
    return record;
}

static ringtap_address address_of(ringtap_text text) {
    ringtap_address address;
    if (!ringtap_address_parse(text, &address)) {
        fprintf(stderr, "`%.*s` is no address\n", (int)text.len, text.data);
        exit(1);
    }
    return address;
}

static void set_address(ringtap_test_record *record, const char *hi, const char *lo,
                        ringtap_address address) {
    uint64_t halves[2] = {0, 0};
    size_t len = address.version == 4 ? 4 : 16;
    for (size_t i = 0; i < len; i++) {
        uint64_t *half = &halves[len == 4 || i >= 8];
        *half = *half << 8 | address.bytes[i];
    }
    ringtap_test_set(record, hi, halves[0]);
    ringtap_test_set(record, lo, halves[1]);
}

static ringtap_test_record between(ringtap_address src, ringtap_address dst, uint8_t protocol) {
    ringtap_test_record record = ringtap_test_frame();
    ringtap_test_mark(&record, RINGTAP_MARK_ETH_TYPE);
    ringtap_test_set(&record, "eth_type", src.version == 4 ? 0x0800 : 0x86dd);
    ringtap_test_set(&record, "ip_version", src.version);
    ringtap_test_set(&record, "ip_len", 86);
    ringtap_test_set(&record, "protocol", protocol);
    ringtap_test_set(&record, "ttl", 64);
    set_address(&record, "src_hi", "src_lo", src);
    set_address(&record, "dst_hi", "dst_lo", dst);
    return record;
}

ringtap_test_record ringtap_test_ip(const char *src, const char *dst, uint8_t protocol) {
    return between(address_of(ringtap_text_of(src)), address_of(ringtap_text_of(dst)), protocol);
}

/// Take `10.0.0.1:80` or `[fc00::1]:80` apart.
static ringtap_address socket_of(const char *text, uint64_t *port) {
    const char *colon = strrchr(text, ':');
    if (colon == NULL) {
        fprintf(stderr, "`%s` is no address and port\n", text);
        exit(1);
    }
    *port = strtoull(colon + 1, NULL, 10);
    size_t bracket = text[0] == '[';
    return address_of((ringtap_text){text + bracket, (size_t)(colon - text) - 2 * bracket});
}

static ringtap_test_record with_ports(const char *src, const char *dst, uint8_t protocol) {
    uint64_t src_port;
    uint64_t dst_port;
    ringtap_address from = socket_of(src, &src_port);
    ringtap_test_record record = between(from, socket_of(dst, &dst_port), protocol);
    ringtap_test_mark(&record, RINGTAP_MARK_PORTS);
    ringtap_test_set(&record, "src_port", src_port);
    ringtap_test_set(&record, "dst_port", dst_port);
    return record;
}

ringtap_test_record ringtap_test_tcp(const char *src, const char *dst, uint16_t flags) {
    ringtap_test_record record = with_ports(src, dst, 6);
    ringtap_test_mark(&record, RINGTAP_MARK_TCP_SEQ | RINGTAP_MARK_TCP_ACK |
                                   RINGTAP_MARK_TCP_FLAGS | RINGTAP_MARK_TCP_WINDOW);
    ringtap_test_set(&record, "tcp_flags", flags);
    return record;
}

ringtap_test_record ringtap_test_udp(const char *src, const char *dst) {
    return with_ports(src, dst, 17);
}
