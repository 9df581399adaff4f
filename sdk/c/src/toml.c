#include "toml.h"

#include <string.h>

#include "ringtap/memory.h"

bool toml_refuse(toml *toml, const char *at, const char *reason) {
    if (toml->reason == NULL) {
        toml->reason = reason;
        toml->wrong_at = at;
    }
    return false;
}

/// What ends a word.
#define DELIMITERS ".=,[]{} \t#\r\n"

static bool is_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_done(const toml *toml) {
    return toml->at == toml->end;
}

static bool is_at(const toml *toml, const char *set) {
    return !is_done(toml) && is_one_of(*toml->at, set);
}

static void skip(toml *toml, const char *set) {
    while (is_at(toml, set)) {
        toml->at++;
    }
}

static void skip_comment(toml *toml) {
    if (is_at(toml, "#")) {
        while (!is_done(toml) && !is_at(toml, "\r\n")) {
            toml->at++;
        }
    }
}

static bool begins(const toml *toml, const char *with) {
    size_t len = strlen(with);
    return (size_t)(toml->end - toml->at) >= len && memcmp(toml->at, with, len) == 0;
}

static bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static bool bare_key(toml *toml, ringtap_text *out) {
    const char *start = toml->at;
    bool is_valid = true;
    while (!is_done(toml) && !is_at(toml, DELIMITERS)) {
        is_valid = is_valid && is_bare(*toml->at);
        toml->at++;
    }
    *out = ringtap_call_text(start, (size_t)(toml->at - start));
    return is_valid || toml_refuse(toml, start, "invalid unquoted key");
}

static bool key(toml *toml, ringtap_text *out) {
    switch (*toml->at) {
    case '[':
        return toml_refuse(toml, toml->at, "there are no tables here");
    case ']':
        return toml_refuse(toml, toml->at, "missing table open");
    case '{':
    case '}':
    case ',':
        return toml_refuse(toml, toml->at, "invalid key-value pair");
    case '=':
    case '.':
        return toml_refuse(toml, toml->at, "unquoted keys cannot be empty");
    case '"':
        if (begins(toml, "\"\"\"")) {
            return toml_refuse(toml, toml->at, "keys cannot be multi-line basic strings");
        }
        return toml_string(toml, out);
    case '\'':
        if (begins(toml, "'''")) {
            return toml_refuse(toml, toml->at, "keys cannot be multi-line literal strings");
        }
        return toml_string(toml, out);
    default:
        return bare_key(toml, out);
    }
}

static bool equals(toml *toml) {
    skip(toml, " \t");
    if (is_at(toml, ".")) {
        return toml_refuse(toml, toml->at, "there are no tables here");
    }
    if (!is_at(toml, "=")) {
        return toml_refuse(toml, toml->at, "key with no value");
    }
    toml->at++;
    skip(toml, " \t");
    return !is_at(toml, "=") || toml_refuse(toml, toml->at, "extra `=`");
}

static void skip_word(toml *toml) {
    while (!is_done(toml) && !is_at(toml, DELIMITERS)) {
        toml->at++;
    }
}

/// Step over an array or a table. It is refused anyhow, so what stands in it is of no interest,
/// right or wrong; each ends with its own bracket.
static void skip_nested(toml *toml) {
    char close = is_at(toml, "[") ? ']' : '}';
    size_t arrays = 0;
    size_t tables = 0;
    toml->at++;
    while (!is_done(toml)) {
        char c = *toml->at;
        if (c == close && (c == ']' ? arrays : tables) == 0) {
            toml->at++;
            return;
        }
        if (c == '"' || c == '\'') {
            toml_skip_string(toml);
        } else if (c == '#') {
            skip_comment(toml);
        } else if (!is_one_of(c, DELIMITERS)) {
            skip_word(toml);
        } else {
            arrays += c == '[' ? 1 : 0;
            arrays -= c == ']' && arrays > 0 ? 1 : 0;
            tables += c == '{' ? 1 : 0;
            tables -= c == '}' && tables > 0 ? 1 : 0;
            toml->at++;
        }
    }
}

/// As far as it may go: times have a space in them. A quote or a dot behind a space, and a quote
/// behind a dot, begin something else.
static ringtap_text raw_scalar(toml *toml) {
    const char *start = toml->at;
    while (!is_done(toml) && !is_at(toml, "=,[]{}#\r\n")) {
        char before = toml->at > start ? toml->at[-1] : 'a';
        if ((is_at(toml, "\"'") && is_one_of(before, " \t.")) ||
            (is_at(toml, ".") && is_one_of(before, " \t"))) {
            break;
        }
        toml->at++;
    }
    const char *end = toml->at;
    while (end > start && is_one_of(end[-1], " \t")) {
        end--;
    }
    return (ringtap_text){start, (size_t)(end - start)};
}

static bool value(toml *toml, toml_value *out) {
    *out = (toml_value){TOML_NESTED, {"", 0}, 10};
    if (is_at(toml, "\"'")) {
        out->type = TOML_TEXT;
        return toml_string(toml, &out->text);
    }
    if (is_at(toml, "[{")) {
        skip_nested(toml);
        return true;
    }
    if (is_at(toml, "]")) {
        return toml_refuse(toml, toml->at, "missing array opening");
    }
    if (is_at(toml, "}")) {
        return toml_refuse(toml, toml->at, "missing inline table opening");
    }
    return toml_scalar(toml, raw_scalar(toml), out);
}

static bool is_same(ringtap_text left, ringtap_text right) {
    return left.len == right.len && memcmp(left.data, right.data, left.len) == 0;
}

static bool insert(toml *toml, toml_key *keys, size_t *count, toml_key key, const char *at) {
    for (size_t i = 0; i < *count; i++) {
        if (is_same(keys[i].name, key.name)) {
            return toml_refuse(toml, at, "a key stands twice");
        }
    }
    if (*count == MAX_KEYS) {
        return toml_refuse(toml, at, "there are too many keys");
    }
    keys[(*count)++] = key;
    return true;
}

static bool line_end(toml *toml) {
    skip(toml, " \t");
    skip_comment(toml);
    return is_done(toml) || is_at(toml, "\r\n") ||
           toml_refuse(toml, toml->at, "unexpected key or value");
}

static bool pair(toml *toml, toml_key *keys, size_t *count) {
    toml_key read = {{"", 0}, {TOML_NESTED, {"", 0}, 10}, false};
    if (!key(toml, &read.name) || !equals(toml)) {
        return false;
    }
    const char *at = toml->at;
    return value(toml, &read.value) && insert(toml, keys, count, read, at) && line_end(toml);
}

size_t toml_read(toml *toml, toml_key *keys) {
    size_t count = 0;
    // A byte order mark.
    toml->at += begins(toml, "\xef\xbb\xbf") ? 3 : 0;
    for (;;) {
        skip(toml, " \t\r\n");
        skip_comment(toml);
        if (is_at(toml, "\r\n")) {
            continue;
        }
        if (is_done(toml) || !pair(toml, keys, &count)) {
            return count;
        }
    }
}
