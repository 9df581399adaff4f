/// Rows for the sinks that take events, and rows that other plugins emitted.
///
///     ringtap_row *row = ringtap_row_new("handshake", ringtap_packet_time_ns(packet));
///     ringtap_row_text(row, "server", ringtap_address_text(address, text));
///     ringtap_row_uint(row, "round_trip_us", 412);
///     ringtap_row_emit(row);
#ifndef RINGTAP_EVENTS_H
#define RINGTAP_EVENTS_H

#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A row that is being made. Gone when the call ends.
typedef struct {
    ringtap_event event;
    size_t capacity;
    /// The fields, to write.
    ringtap_field *fields;
} ringtap_row;

/// A row without fields. `kind` is what it is about, such as `flow`: 1 to 64 characters of
/// `a-z 0-9 _ . -`. `time_ns` is Unix time.
ringtap_row *ringtap_row_new(const char *kind, uint64_t time_ns);

/// A row with what an event has.
ringtap_row *ringtap_row_of(const ringtap_event *event);

/// Give the row another kind.
void ringtap_row_kind(ringtap_row *row, const char *kind);

/// Add a field. Names are 1 to 64 characters of `a-z A-Z 0-9 _`, none twice; `kind`, `time_ns` and
/// `plugin` are the host's. Texts and bytes are copied.
void ringtap_row_text(ringtap_row *row, const char *name, const char *value);
void ringtap_row_int(ringtap_row *row, const char *name, int64_t value);
void ringtap_row_uint(ringtap_row *row, const char *name, uint64_t value);
void ringtap_row_float(ringtap_row *row, const char *name, double value);
void ringtap_row_truth(ringtap_row *row, const char *name, bool value);
void ringtap_row_bytes(ringtap_row *row, const char *name, ringtap_bytes value);
/// Of any type. What it points to is not copied and has to last until the call ends.
void ringtap_row_value(ringtap_row *row, const char *name, ringtap_value value);

/// Put a value in place of the one that the field has, or add the field. Not copied either.
void ringtap_row_set(ringtap_row *row, const char *name, ringtap_value value);
/// Drop a field, if the row has it.
void ringtap_row_without(ringtap_row *row, const char *name);

/// Emit the row when the call ends. Panics then if the host refuses it, which ends the instance: a
/// kind or field breaks a rule, or the call emits more rows than the host takes.
void ringtap_row_emit(const ringtap_row *row);

/// Emit rows now, in order: all of them or, if the host refuses one, none.
ringtap_error ringtap_emit_all(const ringtap_event *rows, size_t count);

/// The value of a field; NULL if there is none of that name. Of fields by one name the first
/// counts.
const ringtap_value *ringtap_event_value(const ringtap_event *event, const char *name);

/// A field, if it is of that type. Whole numbers are taken as `int`, `uint` and `float` as far as
/// they fit; beyond 2^53 a float is rounded.
bool ringtap_event_text(const ringtap_event *event, const char *name, ringtap_text *out);
bool ringtap_event_uint(const ringtap_event *event, const char *name, uint64_t *out);
bool ringtap_event_int(const ringtap_event *event, const char *name, int64_t *out);
bool ringtap_event_float(const ringtap_event *event, const char *name, double *out);
bool ringtap_event_truth(const ringtap_event *event, const char *name, bool *out);
bool ringtap_event_bytes(const ringtap_event *event, const char *name, ringtap_bytes *out);

/// Values for `ringtap_row_value` and `ringtap_row_set`.
ringtap_value ringtap_text_value(const char *value);
ringtap_value ringtap_int_value(int64_t value);
ringtap_value ringtap_uint_value(uint64_t value);
ringtap_value ringtap_float_value(double value);
ringtap_value ringtap_truth_value(bool value);
ringtap_value ringtap_bytes_value(ringtap_bytes value);

#ifdef __cplusplus
}
#endif

#endif
