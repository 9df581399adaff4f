#include <string.h>

#include "ringtap/text.h"

static char hex(unsigned digit) {
    return "0123456789abcdef"[digit & 15];
}

const char *ringtap_mac_text(ringtap_mac mac, char text[RINGTAP_MAC_TEXT]) {
    char *end = text;
    for (size_t i = 0; i < 6; i++) {
        *end++ = hex(mac.bytes[i] >> 4);
        *end++ = hex(mac.bytes[i]);
        *end++ = i < 5 ? ':' : '\0';
    }
    return text;
}

bool ringtap_address_equal(const ringtap_address *left, const ringtap_address *right) {
    return left->version == right->version &&
           memcmp(left->bytes, right->bytes, sizeof left->bytes) == 0;
}

static char *put_byte(char *end, unsigned byte) {
    if (byte >= 100) {
        *end++ = (char)('0' + byte / 100);
    }
    if (byte >= 10) {
        *end++ = (char)('0' + byte / 10 % 10);
    }
    *end++ = (char)('0' + byte % 10);
    return end;
}

static char *put_v4(char *end, const uint8_t bytes[4]) {
    for (size_t i = 0; i < 4; i++) {
        end = put_byte(end, bytes[i]);
        *end++ = '.';
    }
    return end - 1;
}

static char *put_group(char *end, unsigned group) {
    for (unsigned shift = 12; shift > 0; shift -= 4) {
        if (group >> shift != 0) {
            *end++ = hex(group >> shift);
        }
    }
    *end++ = hex(group);
    return end;
}

/// The longest run of at least two groups that are 0, the first of those.
static size_t longest_run(const unsigned groups[8], size_t *len) {
    size_t best = 8;
    *len = 1;
    for (size_t i = 0; i < 8;) {
        size_t end = i;
        while (end < 8 && groups[end] == 0) {
            end++;
        }
        if (end - i > *len) {
            best = i;
            *len = end - i;
        }
        i = end + 1;
    }
    return best;
}

static char *put_v6(char *end, const uint8_t bytes[16]) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        memcpy(end, "::ffff:", 7);
        return put_v4(end + 7, bytes + 12);
    }
    unsigned groups[8];
    for (size_t i = 0; i < 8; i++) {
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    }
    size_t run_len;
    size_t run = longest_run(groups, &run_len);
    for (size_t i = 0; i < 8;) {
        if (i == run) {
            *end++ = ':';
            *end++ = ':';
            i += run_len;
            continue;
        }
        if (i > 0 && end[-1] != ':') {
            *end++ = ':';
        }
        end = put_group(end, groups[i]);
        i++;
    }
    return end;
}

const char *ringtap_address_text(ringtap_address address, char text[RINGTAP_ADDRESS_TEXT]) {
    char *end = address.version == 4 ? put_v4(text, address.bytes) : put_v6(text, address.bytes);
    *end = '\0';
    return text;
}

typedef struct {
    const char *at;
    const char *end;
} cursor;

static bool take(cursor *text, char c) {
    bool is_there = text->at < text->end && *text->at == c;
    text->at += is_there ? 1 : 0;
    return is_there;
}

static int digit_of(char c, int radix) {
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : 16;
    return digit < radix ? digit : -1;
}

/// A number of at most so many digits and of at most `most`.
static bool number(cursor *text, int radix, int digits, unsigned most, unsigned *out) {
    const char *start = text->at;
    unsigned value = 0;
    while (text->at < text->end && text->at - start < digits && digit_of(*text->at, radix) >= 0) {
        value = value * (unsigned)radix + (unsigned)digit_of(*text->at, radix);
        text->at++;
    }
    *out = value;
    return text->at > start && value <= most;
}

static bool parse_v4(cursor *text, uint8_t out[4]) {
    for (size_t i = 0; i < 4; i++) {
        if (i > 0 && !take(text, '.')) {
            return false;
        }
        const char *start = text->at;
        unsigned byte;
        if (!number(text, 10, 3, 255, &byte) || (text->at - start > 1 && *start == '0')) {
            return false;
        }
        out[i] = (uint8_t)byte;
    }
    return true;
}

/// Groups up to `room` of them, each but the first behind a `:`; the last two may be an IPv4
/// address.
static size_t parse_groups(cursor *text, uint8_t *out, size_t room) {
    size_t count = 0;
    while (count < room) {
        cursor ahead = *text;
        if (count > 0 && !take(&ahead, ':')) {
            break;
        }
        cursor v4 = ahead;
        if (room - count >= 2 && parse_v4(&v4, out + 2 * count)) {
            *text = v4;
            return count + 2;
        }
        unsigned group;
        if (!number(&ahead, 16, 4, 0xffff, &group)) {
            break;
        }
        out[2 * count] = (uint8_t)(group >> 8);
        out[2 * count + 1] = (uint8_t)group;
        *text = ahead;
        count++;
    }
    return count;
}

static bool parse_v6(cursor *text, uint8_t out[16]) {
    size_t front = parse_groups(text, out, 8);
    if (front == 8) {
        return true;
    }
    bool has_gap = take(text, ':');
    if (!has_gap || !take(text, ':')) {
        return false;
    }
    uint8_t back[16];
    size_t count = parse_groups(text, back, 7 - front);
    memset(out + 2 * front, 0, 16 - 2 * front);
    memcpy(out + 16 - 2 * count, back, 2 * count);
    return true;
}

bool ringtap_address_parse(ringtap_text text, ringtap_address *out) {
    ringtap_address address = {{0}, 4};
    cursor v4 = {text.data, text.data + text.len};
    cursor v6 = v4;
    if (parse_v4(&v4, address.bytes) && v4.at == v4.end) {
        *out = address;
        return true;
    }
    address.version = 6;
    bool is_v6 = parse_v6(&v6, address.bytes) && v6.at == v6.end;
    if (is_v6) {
        *out = address;
    }
    return is_v6;
}
