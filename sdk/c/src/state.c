#include "ringtap/state.h"

#include <string.h>

#include "ringtap/memory.h"

void ringtap_write_bytes(ringtap_writer *writer, const void *data, size_t len) {
    if (writer->capacity - writer->len < len) {
        size_t capacity = writer->capacity * 2 + len + 256;
        uint8_t *larger = ringtap_call_alloc(capacity);
        if (writer->len > 0) {
            memcpy(larger, writer->data, writer->len);
        }
        writer->data = larger;
        writer->capacity = capacity;
    }
    if (len > 0) {
        memcpy(writer->data + writer->len, data, len);
    }
    writer->len += len;
}

void ringtap_write_u8(ringtap_writer *writer, uint8_t value) {
    ringtap_write_bytes(writer, &value, sizeof value);
}

// WebAssembly is little-endian, and so is every machine that the tests run on.
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they are");

void ringtap_write_u16(ringtap_writer *writer, uint16_t value) {
    ringtap_write_bytes(writer, &value, sizeof value);
}

void ringtap_write_u32(ringtap_writer *writer, uint32_t value) {
    ringtap_write_bytes(writer, &value, sizeof value);
}

void ringtap_write_u64(ringtap_writer *writer, uint64_t value) {
    ringtap_write_bytes(writer, &value, sizeof value);
}

void ringtap_write_i64(ringtap_writer *writer, int64_t value) {
    ringtap_write_bytes(writer, &value, sizeof value);
}

void ringtap_write_float(ringtap_writer *writer, double value) {
    ringtap_write_bytes(writer, &value, sizeof value);
}

void ringtap_read_bytes(ringtap_reader *reader, void *out, size_t len) {
    if (len > reader->left) {
        reader->is_short = true;
        reader->left = 0;
        memset(out, 0, len);
    } else if (len > 0) {
        memcpy(out, reader->data, len);
        reader->data += len;
        reader->left -= len;
    }
}

uint8_t ringtap_read_u8(ringtap_reader *reader) {
    uint8_t value;
    ringtap_read_bytes(reader, &value, sizeof value);
    return value;
}

uint16_t ringtap_read_u16(ringtap_reader *reader) {
    uint16_t value;
    ringtap_read_bytes(reader, &value, sizeof value);
    return value;
}

uint32_t ringtap_read_u32(ringtap_reader *reader) {
    uint32_t value;
    ringtap_read_bytes(reader, &value, sizeof value);
    return value;
}

uint64_t ringtap_read_u64(ringtap_reader *reader) {
    uint64_t value;
    ringtap_read_bytes(reader, &value, sizeof value);
    return value;
}

int64_t ringtap_read_i64(ringtap_reader *reader) {
    return (int64_t)ringtap_read_u64(reader);
}

double ringtap_read_float(ringtap_reader *reader) {
    double value;
    ringtap_read_bytes(reader, &value, sizeof value);
    return value;
}

bool ringtap_reader_is_done(const ringtap_reader *reader) {
    return !reader->is_short && reader->left == 0;
}
