/// Values that cross to the host and back. Their layout on wasm32 is that of the types by the same
/// names in wit/types.wit, so that nothing is converted.
#ifndef RINGTAP_TYPES_H
#define RINGTAP_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What went wrong, in words for the operator; NULL where nothing did. It lives until the call of
/// the plugin ends, or for ever where it is a literal.
typedef const char *ringtap_error;

/// UTF-8 of a length; it may hold a NUL. What the SDK hands over has a NUL behind it too, so that
/// `data` may be used as a C string.
typedef struct {
    const char *data;
    size_t len;
} ringtap_text;

/// A text of a C string, which is not copied.
ringtap_text ringtap_text_of(const char *string);

/// Whether they are the same, byte by byte.
bool ringtap_text_is(ringtap_text text, const char *string);

typedef struct {
    const uint8_t *data;
    size_t len;
} ringtap_bytes;

/// Which value a field of an event has.
typedef enum {
    RINGTAP_TEXT,
    RINGTAP_INT,
    RINGTAP_UINT,
    RINGTAP_FLOAT,
    RINGTAP_TRUTH,
    RINGTAP_BYTES,
} ringtap_type;

/// A value of a field. `type` is a `ringtap_type` and says which member counts.
typedef struct {
    uint8_t type;
    union {
        ringtap_text text;
        int64_t int_;
        uint64_t uint;
        double float_;
        bool truth;
        ringtap_bytes bytes;
    } as;
} ringtap_value;

/// A name and its value.
typedef struct {
    ringtap_text name;
    ringtap_value value;
} ringtap_field;

/// A named row with typed fields. `ringtap/events.h` makes and reads them.
typedef struct {
    /// What the row is about, such as `flow`: 1 to 64 characters of `a-z 0-9 _ . -`.
    ringtap_text kind;
    /// Unix time in ns.
    uint64_t time_ns;
    const ringtap_field *fields;
    size_t field_count;
} ringtap_event;

#ifdef __cplusplus
}
#endif

#endif
