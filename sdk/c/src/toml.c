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
    while (!is_done(toml) && !is_at(toml, ".=,[]{} \t#\r\n")) {
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
    if (is_at(toml, "=")) {
        return toml_refuse(toml, toml->at, "extra `=`");
    }
    skip(toml, " \t");
    return true;
}

/// Step over an array or a table. What stands in it is of no interest: it is refused anyhow.
static bool nested(toml *toml) {
    size_t depth = 0;
    do {
        if (is_at(toml, "\"'")) {
            ringtap_text ignored;
            if (!toml_string(toml, &ignored)) {
                return false;
            }
            continue;
        }
        skip_comment(toml);
        if (is_done(toml)) {
            break;
        }
        depth += is_at(toml, "[{") ? 1 : 0;
        depth -= is_at(toml, "]}") ? 1 : 0;
        toml->at++;
    } while (depth > 0 && !is_done(toml));
    return true;
}

/// As far as it may go: times have a space in them. A quote behind a space begins something else.
static ringtap_text raw_scalar(toml *toml) {
    const char *start = toml->at;
    while (!is_done(toml) && !is_at(toml, "=,[]{}#\r\n")) {
        if (is_at(toml, "\"'") && toml->at > start && is_one_of(toml->at[-1], " \t")) {
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
        return nested(toml);
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
