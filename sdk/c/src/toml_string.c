#include <string.h>

#include "ringtap/memory.h"
#include "toml.h"

/// A string that is being read: from where to where, and what it says.
typedef struct {
    toml *toml;
    const char *at;
    const char *end;
    bool is_basic;
    bool is_multi_line;
    char *out;
    size_t len;
} string;

static const char *invalid(const string *string) {
    if (string->is_basic) {
        return string->is_multi_line ? "invalid multi-line basic string" : "invalid basic string";
    }
    return string->is_multi_line ? "invalid multi-line literal string" : "invalid literal string";
}

static bool are_quotes(const char *at, const char *end, char quote) {
    return end - at >= 3 && at[0] == quote && at[1] == quote && at[2] == quote;
}

/// Where the closing quotes are, or NULL. Up to two quotes in front of those belong to the string.
static const char *closing(const string *string, char quote) {
    for (const char *at = string->at; at < string->end; at++) {
        bool is_escape = string->is_basic && *at == '\\' && at + 1 < string->end;
        if (is_escape && (string->is_multi_line || at[1] != '\n')) {
            at++;
        } else if (*at == '\n' && !string->is_multi_line) {
            return NULL;
        } else if (*at == quote && !string->is_multi_line) {
            return at;
        } else if (string->is_multi_line && are_quotes(at, string->end, quote)) {
            for (int more = 0; more < 2 && are_quotes(at + 1, string->end, quote); more++) {
                at++;
            }
            return at;
        }
    }
    return NULL;
}

static void put(string *string, uint32_t c) {
    char *out = string->out + string->len;
    if (c < 0x80) {
        out[0] = (char)c;
        string->len += 1;
    } else if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        string->len += 2;
    } else if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        string->len += 3;
    } else {
        out[0] = (char)(0xf0 | c >> 18);
        out[1] = (char)(0x80 | (c >> 12 & 0x3f));
        out[2] = (char)(0x80 | (c >> 6 & 0x3f));
        out[3] = (char)(0x80 | (c & 0x3f));
        string->len += 4;
    }
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool put_number(string *string, int digits) {
    uint32_t c = 0;
    for (; digits > 0; digits--, string->at++) {
        if (string->at == string->end || hex_digit(*string->at) < 0) {
            return toml_refuse(string->toml, string->at, "too few unicode value digits");
        }
        c = c << 4 | (uint32_t)hex_digit(*string->at);
    }
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        return toml_refuse(string->toml, string->at, "invalid value");
    }
    put(string, c);
    return true;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// A backslash at the end of a line takes away all space up to what comes next.
static bool skip_line_end(string *string) {
    const char *at = string->at;
    bool has_newline = false;
    while (at < string->end && is_space(*at)) {
        has_newline = has_newline || *at == '\n';
        at++;
    }
    if (string->is_multi_line && has_newline) {
        string->at = at;
        return true;
    }
    return false;
}

/// What stands behind a backslash.
static bool escape(string *string) {
    static const char plain[] = "b\bt\tn\nf\fr\re\033\"\"\\\\";
    if (skip_line_end(string)) {
        return true;
    }
    char c = string->at < string->end ? *string->at : '\0';
    for (size_t i = 0; i + 1 < sizeof plain; i += 2) {
        if (c == plain[i]) {
            string->at++;
            put(string, (unsigned char)plain[i + 1]);
            return true;
        }
    }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0) {
        return toml_refuse(string->toml, string->at, "missing escaped value");
    }
    string->at++;
    return put_number(string, digits);
}

static bool character(string *string) {
    char c = *string->at;
    if (string->is_basic && c == '\\') {
        string->at++;
        return escape(string);
    }
    if (string->is_multi_line && c == '\r' &&
        (string->at + 1 == string->end || string->at[1] != '\n')) {
        return toml_refuse(string->toml, string->at, "carriage return must be followed by newline");
    }
    bool is_control = ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
    if (is_control && !(string->is_multi_line && (c == '\n' || c == '\r'))) {
        return toml_refuse(string->toml, string->at, invalid(string));
    }
    string->out[string->len++] = c;
    string->at++;
    return true;
}

/// The string that begins here; `end` is NULL where it does not end.
static string opened(toml *toml) {
    char quote = *toml->at;
    string string = {.toml = toml, .end = toml->end, .is_basic = quote == '"'};
    string.is_multi_line = are_quotes(toml->at, toml->end, quote);
    string.at = toml->at + (string.is_multi_line ? 3 : 1);
    string.end = closing(&string, quote);
    return string;
}

static void skip(toml *toml, const string *string) {
    if (string->end != NULL) {
        toml->at = string->end + (string->is_multi_line ? 3 : 1);
        return;
    }
    while (toml->at < toml->end && (string->is_multi_line || *toml->at != '\n')) {
        toml->at++;
    }
}

void toml_skip_string(toml *toml) {
    string string = opened(toml);
    skip(toml, &string);
}

bool toml_string(toml *toml, ringtap_text *out) {
    string string = opened(toml);
    skip(toml, &string);
    if (string.end == NULL) {
        return toml_refuse(toml, toml->at, invalid(&string));
    }
    // No escape is shorter than what it stands for.
    string.out = ringtap_call_alloc((size_t)(string.end - string.at) + 1);
    if (string.is_multi_line) {
        string.at += string.end - string.at >= 2 && string.at[0] == '\r' && string.at[1] == '\n';
        string.at += string.at < string.end && *string.at == '\n';
    }
    while (string.at < string.end) {
        if (!character(&string)) {
            return false;
        }
    }
    string.out[string.len] = '\0';
    *out = (ringtap_text){string.out, string.len};
    return true;
}
