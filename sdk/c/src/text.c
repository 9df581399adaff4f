#include "ringtap/text.h"

#include <stdarg.h>
#include <string.h>

#include "ringtap/memory.h"

ringtap_text ringtap_text_of(const char *string) {
    return (ringtap_text){string, strlen(string)};
}

bool ringtap_text_is(ringtap_text text, const char *string) {
    return text.len == strlen(string) && memcmp(text.data, string, text.len) == 0;
}

static char *put_number(char *end, uint64_t number) {
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return end;
}

const char *ringtap_u64_text(uint64_t number, char text[RINGTAP_NUMBER_TEXT]) {
    char *end = text + RINGTAP_NUMBER_TEXT - 1;
    *end = '\0';
    char *start = put_number(end, number);
    memmove(text, start, (size_t)(end - start) + 1);
    return text;
}

const char *ringtap_i64_text(int64_t number, char text[RINGTAP_NUMBER_TEXT]) {
    if (number >= 0) {
        return ringtap_u64_text((uint64_t)number, text);
    }
    // 19 digits at most, so there is room for the sign.
    ringtap_u64_text(0 - (uint64_t)number, text);
    memmove(text + 1, text, strlen(text) + 1);
    text[0] = '-';
    return text;
}

const char *ringtap_concat_(const char *first, ...) {
    size_t len = 0;
    va_list parts;
    va_start(parts, first);
    for (const char *part = first; part != NULL; part = va_arg(parts, const char *)) {
        len += strlen(part);
    }
    va_end(parts);
    char *text = ringtap_call_alloc(len + 1);
    char *end = text;
    va_start(parts, first);
    for (const char *part = first; part != NULL; part = va_arg(parts, const char *)) {
        size_t part_len = strlen(part);
        memcpy(end, part, part_len);
        end += part_len;
    }
    va_end(parts);
    *end = '\0';
    return text;
}

static char hex(unsigned digit) {
    return "0123456789abcdef"[digit & 15];
}

/// Characters that a terminal would not show, or would obey.
static bool is_hidden(uint32_t c) {
    static const uint32_t ranges[][2] = {
        {0x00, 0x1f},     {0x7f, 0xa0},     {0xad, 0xad},     {0x300, 0x36f},   {0x61c, 0x61c},
        {0x1680, 0x1680}, {0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000},
        {0xd800, 0xf8ff}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (c >= ranges[i][0] && c <= ranges[i][1]) {
            return true;
        }
    }
    return c >= 0xe0000;
}

/// Read a character of UTF-8, which the host has checked, and say how many bytes it has.
static size_t character(const char *at, size_t left, uint32_t *c) {
    const unsigned char *bytes = (const unsigned char *)at;
    size_t len = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    len = len > left ? left : len;
    *c = len == 1 ? bytes[0] : bytes[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        *c = *c << 6 | (bytes[i] & 0x3fu);
    }
    return len;
}

static char *put_hidden(char *end, uint32_t c) {
    static const char named[] = "\0000\tt\rr\nn";
    for (size_t i = 0; i + 1 < sizeof named; i += 2) {
        if (c == (unsigned char)named[i]) {
            *end++ = '\\';
            *end++ = named[i + 1];
            return end;
        }
    }
    memcpy(end, "\\u{", 3);
    end += 3;
    unsigned shift = 20;
    while (shift > 0 && c >> shift == 0) {
        shift -= 4;
    }
    for (;; shift -= 4) {
        *end++ = hex(c >> shift);
        if (shift == 0) {
            break;
        }
    }
    *end++ = '}';
    return end;
}

const char *ringtap_quoted(ringtap_text text) {
    // At most `\u{7f}` for a byte.
    char *quoted = ringtap_call_alloc(text.len * 6 + 3);
    char *end = quoted;
    *end++ = '"';
    for (size_t at = 0; at < text.len;) {
        uint32_t c;
        size_t len = character(text.data + at, text.len - at, &c);
        if (is_hidden(c)) {
            end = put_hidden(end, c);
        } else {
            if (c == '"' || c == '\\') {
                *end++ = '\\';
            }
            memcpy(end, text.data + at, len);
            end += len;
        }
        at += len;
    }
    *end++ = '"';
    *end = '\0';
    return quoted;
}
