/// What `save` writes and `restore` reads: numbers, little-endian, one after the other.
#ifndef RINGTAP_STATE_H
#define RINGTAP_STATE_H

#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes that grow, in memory of this call.
typedef struct {
    uint8_t *data;
    size_t len;
    size_t capacity;
} ringtap_writer;

void ringtap_write_u8(ringtap_writer *writer, uint8_t value);
void ringtap_write_u16(ringtap_writer *writer, uint16_t value);
void ringtap_write_u32(ringtap_writer *writer, uint32_t value);
void ringtap_write_u64(ringtap_writer *writer, uint64_t value);
void ringtap_write_i64(ringtap_writer *writer, int64_t value);
void ringtap_write_float(ringtap_writer *writer, double value);
/// As they are, without their number.
void ringtap_write_bytes(ringtap_writer *writer, const void *data, size_t len);

/// Bytes that are read from the front. Where fewer are left than were asked for, what is read is 0,
/// and `is_short` says so from then on: look at it once, in the end.
typedef struct {
    const uint8_t *data;
    size_t left;
    bool is_short;
} ringtap_reader;

uint8_t ringtap_read_u8(ringtap_reader *reader);
uint16_t ringtap_read_u16(ringtap_reader *reader);
uint32_t ringtap_read_u32(ringtap_reader *reader);
uint64_t ringtap_read_u64(ringtap_reader *reader);
int64_t ringtap_read_i64(ringtap_reader *reader);
double ringtap_read_float(ringtap_reader *reader);
void ringtap_read_bytes(ringtap_reader *reader, void *out, size_t len);

/// Whether all was there and nothing is left.
bool ringtap_reader_is_done(const ringtap_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
