#include "ringtap/config.h"

#include <string.h>

#include "ringtap/memory.h"
#include "ringtap/text.h"
#include "toml.h"

static ringtap_error syntax(const toml *toml) {
    uint64_t line = 1;
    for (const char *at = toml->start; at < toml->wrong_at; at++) {
        line += *at == '\n' ? 1 : 0;
    }
    char number[RINGTAP_NUMBER_TEXT];
    ringtap_u64_text(line, number);
    return ringtap_concat("the config is not TOML, line ", number, ": ", toml->reason);
}

void ringtap_config_read(ringtap_config *config, ringtap_text text) {
    toml toml = {.start = text.data, .at = text.data, .end = text.data + text.len};
    config->keys = ringtap_call_alloc(MAX_KEYS * sizeof *config->keys);
    config->key_count = toml_read(&toml, config->keys);
    config->known = NULL;
    config->error = toml.reason == NULL ? NULL : syntax(&toml);
}

/// The value of a key, if the config has one. From now on the key is known.
static const toml_value *value_of(ringtap_config *config, const char *key) {
    const char *known = config->known;
    config->known = known == NULL ? key : ringtap_concat(known, ", ", key);
    for (size_t i = 0; config->error == NULL && i < config->key_count; i++) {
        if (ringtap_text_is(config->keys[i].name, key)) {
            config->keys[i].is_read = true;
            return &config->keys[i].value;
        }
    }
    return NULL;
}

static const char *shown(const toml_value *value) {
    switch (value->type) {
    case TOML_TEXT:
        return ringtap_quoted(value->text);
    case TOML_NESTED:
        return "an array or table";
    case TOML_TRUTH:
    case TOML_INTEGER:
    case TOML_OTHER:
        break;
    }
    return value->text.data;
}

static void refuse(ringtap_config *config, const char *key, const toml_value *value,
                   const char *expected) {
    config->error = ringtap_concat("config key `", key, "`: ", shown(value),
                                   " won't do, it must be ", expected);
}

static unsigned digit_of(char c) {
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a') + 10;
}

static bool number_of(const toml_value *value, uint64_t *out) {
    const char *at = value->text.data;
    const char *end = at + value->text.len;
    at += at < end && *at == '+' ? 1 : 0;
    if (value->type != TOML_INTEGER || at == end || *at == '-') {
        return false;
    }
    *out = 0;
    for (; at < end; at++) {
        unsigned digit = digit_of(*at);
        // A decimal number may have letters that only another radix has.
        if (digit >= value->radix || *out > (UINT64_MAX - digit) / value->radix) {
            return false;
        }
        *out = *out * value->radix + digit;
    }
    return true;
}

uint64_t ringtap_config_integer(ringtap_config *config, const char *key, uint64_t default_,
                                uint64_t least, uint64_t most) {
    const toml_value *value = value_of(config, key);
    if (value == NULL) {
        return default_;
    }
    uint64_t number;
    if (number_of(value, &number) && number >= least && number <= most) {
        return number;
    }
    char from[RINGTAP_NUMBER_TEXT];
    char to[RINGTAP_NUMBER_TEXT];
    ringtap_u64_text(least, from);
    ringtap_u64_text(most, to);
    refuse(config, key, value, ringtap_concat("a whole number from ", from, " to ", to));
    return default_;
}

uint64_t ringtap_config_seconds(ringtap_config *config, const char *key, uint64_t default_,
                                uint64_t least, uint64_t most) {
    uint64_t seconds = ringtap_config_integer(config, key, default_, least, most);
    return seconds > UINT64_MAX / 1000000000 ? UINT64_MAX : seconds * 1000000000;
}

bool ringtap_config_truth(ringtap_config *config, const char *key, bool default_) {
    const toml_value *value = value_of(config, key);
    if (value == NULL) {
        return default_;
    }
    if (value->type != TOML_TRUTH) {
        refuse(config, key, value, "true or false");
        return default_;
    }
    return ringtap_text_is(value->text, "true");
}

ringtap_text ringtap_config_text(ringtap_config *config, const char *key, const char *default_) {
    const toml_value *value = value_of(config, key);
    if (value != NULL && value->type == TOML_TEXT) {
        return value->text;
    }
    if (value != NULL) {
        refuse(config, key, value, "a text in quotes");
    }
    return ringtap_text_of(default_);
}

ringtap_error ringtap_config_finish(const ringtap_config *config) {
    for (size_t i = 0; config->error == NULL && i < config->key_count; i++) {
        if (!config->keys[i].is_read) {
            const char *known = config->known == NULL ? "" : config->known;
            const char *key = config->keys[i].name.data;
            return ringtap_concat("config key `", key, "` is not known; there are: ", known);
        }
    }
    return config->error;
}
