#include <string.h>

#include "ringtap/memory.h"
#include "toml.h"

/// A value as it stands there, and how far it is read.
typedef struct {
    toml *toml;
    ringtap_text raw;
    const char *at;
    const char *end;
} scalar;

static bool refuse(const scalar *scalar, const char *reason) {
    return toml_refuse(scalar->toml, scalar->raw.data, reason);
}

static bool unquoted(const scalar *scalar) {
    char last = scalar->raw.len == 0 ? '\0' : scalar->raw.data[scalar->raw.len - 1];
    return refuse(scalar, last == '"' || last == '\'' ? "missing opening quote"
                                                      : "string values must be quoted");
}

static char next(const scalar *scalar) {
    return scalar->at < scalar->end ? *scalar->at : '\0';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_any_digit(char c, bool is_hex) {
    return is_digit(c) || (is_hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

static bool has(const char *at, const char *end, const char *set) {
    for (; at < end; at++) {
        if (*at != '\0' && strchr(set, *at) != NULL) {
            return true;
        }
    }
    return false;
}

/// What stands from here on without `_`, each of which has to stand between digits.
static bool digits(const scalar *scalar, const char *from, bool is_hex, ringtap_text *out) {
    char *text = ringtap_call_alloc((size_t)(scalar->end - from) + 1);
    size_t len = 0;
    for (const char *at = from; at < scalar->end; at++) {
        if (*at != '_') {
            text[len++] = *at;
            continue;
        }
        bool is_between = at > from && is_any_digit(at[-1], is_hex) && at + 1 < scalar->end &&
                          is_any_digit(at[1], is_hex);
        if (!is_between) {
            return refuse(scalar, "`_` may only go between digits");
        }
    }
    text[len] = '\0';
    *out = (ringtap_text){text, len};
    return true;
}

static bool as_it_is(const scalar *scalar, toml_type type, toml_value *out) {
    out->type = type;
    out->text = ringtap_call_text(scalar->raw.data, scalar->raw.len);
    return true;
}

static bool is_radix_digit(char c, unsigned radix) {
    return radix == 16 ? is_any_digit(c, true) : c >= '0' && c < (char)('0' + radix);
}

static bool with_radix(scalar *scalar, bool is_signed, toml_value *out) {
    char letter = scalar->at[1] | 0x20;
    if (has(scalar->at, scalar->end, " ")) {
        return unquoted(scalar);
    }
    if (is_signed) {
        return refuse(scalar, "integers with a radix cannot be signed");
    }
    if (letter == 'd') {
        return refuse(scalar, "redundant integer number prefix");
    }
    if (scalar->at[1] != letter) {
        return refuse(scalar, "radix must be lowercase");
    }
    scalar->at += 2;
    out->radix = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
    if (has(scalar->at, scalar->at < scalar->end ? scalar->at + 1 : scalar->at, "+-")) {
        return refuse(scalar, "unexpected sign");
    }
    for (const char *at = scalar->at; at < scalar->end; at++) {
        if (!is_radix_digit(*at, out->radix) && *at != '_') {
            return refuse(scalar, letter == 'x'   ? "invalid hexadecimal number"
                                  : letter == 'o' ? "invalid octal number"
                                                  : "invalid binary number");
        }
    }
    out->type = TOML_INTEGER;
    return digits(scalar, scalar->at, true, &out->text);
}

/// Step over digits and `_`, and say how many digits there are.
static size_t skip_digits(scalar *scalar) {
    size_t count = 0;
    while (is_digit(next(scalar)) || next(scalar) == '_') {
        count += is_digit(next(scalar)) ? 1 : 0;
        scalar->at++;
    }
    return count;
}

static bool floating(scalar *scalar, toml_value *out) {
    bool begins_with_zero = next(scalar) == '0';
    size_t count = skip_digits(scalar);
    if (count == 0) {
        return refuse(scalar, "invalid mantissa");
    }
    if (count > 1 && begins_with_zero) {
        return refuse(scalar, "unexpected leading zero");
    }
    if (next(scalar) == '.') {
        scalar->at++;
        if (skip_digits(scalar) == 0) {
            return refuse(scalar, "invalid fraction");
        }
    }
    if (next(scalar) == 'e' || next(scalar) == 'E') {
        scalar->at++;
        scalar->at += next(scalar) == '+' || next(scalar) == '-' ? 1 : 0;
        if (skip_digits(scalar) == 0) {
            return refuse(scalar, "invalid exponent");
        }
    }
    if (scalar->at < scalar->end) {
        return refuse(scalar, "invalid float");
    }
    out->type = TOML_OTHER;
    return digits(scalar, scalar->raw.data, false, &out->text);
}

static bool number(scalar *scalar, toml_value *out) {
    const char *rest = scalar->at;
    while (rest < scalar->end && is_digit(*rest)) {
        rest++;
    }
    if (rest < scalar->end && (*rest == '-' || *rest == ':')) {
        return as_it_is(scalar, TOML_OTHER, out);
    }
    if (has(rest, scalar->end, " ")) {
        return unquoted(scalar);
    }
    if (has(rest, scalar->end, ".eE")) {
        return floating(scalar, out);
    }
    if (rest < scalar->end && *rest != '_') {
        return unquoted(scalar);
    }
    if (*scalar->at == '0' && scalar->end - scalar->at > 1) {
        return refuse(scalar, "unexpected leading zero");
    }
    out->type = TOML_INTEGER;
    return digits(scalar, scalar->raw.data, true, &out->text);
}

static bool word(const scalar *scalar, const char *known, const char *reason, toml_type type,
                 toml_value *out) {
    size_t len = (size_t)(scalar->end - scalar->at);
    if (len != strlen(known) || memcmp(scalar->at, known, len) != 0) {
        return refuse(scalar, reason);
    }
    return as_it_is(scalar, type, out);
}

static bool sign(scalar *scalar) {
    if (next(scalar) != '+' && next(scalar) != '-') {
        return false;
    }
    scalar->at++;
    return true;
}

bool toml_scalar(toml *toml, ringtap_text raw, toml_value *out) {
    scalar scalar = {toml, raw, raw.data, raw.data + raw.len};
    if (!is_digit(next(&scalar)) && has(scalar.at, scalar.end, " ")) {
        return unquoted(&scalar);
    }
    bool is_signed = sign(&scalar);
    if (is_signed && sign(&scalar)) {
        return refuse(&scalar, "redundant numeric sign");
    }
    char first = next(&scalar);
    switch (first | 0x20) {
    case 'i':
        return word(&scalar, "inf", "invalid float", TOML_OTHER, out);
    case 'n':
        return word(&scalar, "nan", "invalid float", TOML_OTHER, out);
    case 't':
    case 'f':
        if (is_signed) {
            return unquoted(&scalar);
        }
        return word(&scalar, (first | 0x20) == 't' ? "true" : "false", "invalid boolean",
                    TOML_TRUTH, out);
    default:
        break;
    }
    if (first == '0' && scalar.end - scalar.at > 1 &&
        has(scalar.at + 1, scalar.at + 2, "xXoObBdD")) {
        return with_radix(&scalar, is_signed, out);
    }
    return is_digit(first) || first == '.' || first == '_' ? number(&scalar, out)
                                                           : unquoted(&scalar);
}
