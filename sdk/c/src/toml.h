/// TOML without tables, as it stands in a config.
#ifndef RINGTAP_TOML_H
#define RINGTAP_TOML_H

#include "ringtap/types.h"

/// Keys are looked for one by one, so there had better be few.
#define MAX_KEYS 256

typedef enum {
    TOML_TEXT,
    TOML_TRUTH,
    /// Decimal digits, or those of another radix, with a sign if one stands there.
    TOML_INTEGER,
    /// A float or a time, as it stands there.
    TOML_OTHER,
    /// An array or an inline table.
    TOML_NESTED,
} toml_type;

typedef struct {
    toml_type type;
    ringtap_text text;
    unsigned radix;
} toml_value;

typedef struct ringtap_config_key {
    ringtap_text name;
    toml_value value;
    bool is_read;
} toml_key;

/// A place in the text, and the first thing that is wrong with it.
typedef struct {
    const char *start;
    const char *at;
    const char *end;
    /// In the parser's words; NULL where nothing is.
    const char *reason;
    const char *wrong_at;
} toml;

/// Read all keys into room for `MAX_KEYS`, and say how many there are.
size_t toml_read(toml *toml, toml_key *keys);

/// Keep the first thing that is wrong. False, for whoever has nothing to give then.
bool toml_refuse(toml *toml, const char *at, const char *reason);

/// Read a value that is no string, array or table: a number, a truth, a time.
bool toml_scalar(toml *toml, ringtap_text raw, toml_value *out);

/// Read a string, which begins here, of any of the four kinds.
bool toml_string(toml *toml, ringtap_text *out);

/// Step over a string, which begins here, whatever is in it. One that does not end goes on to the
/// end of its line, or of the text if it has three quotes.
void toml_skip_string(toml *toml);

#endif
