// A host for tests that keeps what it is told and refuses what it is asked to.
#include "recorder.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/host.h"

test_host test_state = {.max_series = TEST_MAX};

void test_put(test_text *text, const char *format, ...) {
    va_list values;
    va_start(values, format);
    char line[4096];
    int len = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    text->data = ringtap_realloc(text->data, text->len + (size_t)len + 1);
    memcpy(text->data + text->len, line, (size_t)len + 1);
    text->len += (size_t)len;
}

const char *test_take(test_text *text) {
    const char *taken = text->data == NULL ? "" : text->data;
    *text = (test_text){NULL, 0};
    return taken;
}

static ringtap_text reason(const char *words) {
    return ringtap_call_text(words, strlen(words));
}

void host_log(uint32_t level, const char *line, size_t len) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    test_put(&test_state.log, "%s: %.*s\n", names[level], (int)len, line);
}

uint64_t host_now_ns(void) {
    return test_state.now_ns;
}

void host_interface_name(uint32_t ifindex, host_text *answer) {
    const char *name = ifindex < 64 ? test_state.interfaces[ifindex] : NULL;
    answer->is_some = name != NULL;
    if (name != NULL) {
        answer->text = reason(name);
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014) from the seed 0.
uint64_t host_random(void) {
    uint64_t z = ++test_state.drawn * 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static int by_text(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char *test_labels(const ringtap_text *names, const ringtap_text *values, size_t count) {
    char *each[16];
    size_t len = 1;
    for (size_t i = 0; i < count; i++) {
        each[i] = malloc(names[i].len + values[i].len + 3);
        len += (size_t)sprintf(each[i], "%.*s=%.*s;", (int)names[i].len, names[i].data,
                               (int)values[i].len, values[i].data);
    }
    qsort(each, count, sizeof *each, by_text);
    char *all = calloc(len, 1);
    for (size_t i = 0; i < count; i++) {
        strcat(all, each[i]);
        free(each[i]);
    }
    return all;
}

static size_t known(const char *name, const char *labels, bool is_overflow) {
    for (size_t i = 0; i < test_state.series_count; i++) {
        const test_series *series = &test_state.series[i];
        bool is_it = !series->is_forgotten && series->is_overflow == is_overflow &&
                     strcmp(series->name, name) == 0 &&
                     (is_overflow || strcmp(series->labels, labels) == 0);
        if (is_it) {
            return i;
        }
    }
    return SIZE_MAX;
}

static size_t own_series(void) {
    size_t count = 0;
    for (size_t i = 0; i < test_state.series_count; i++) {
        count += !test_state.series[i].is_overflow && !test_state.series[i].is_forgotten;
    }
    return count;
}

static void define(const char *name, size_t name_len, const host_label *labels, size_t count,
                   bool is_gauge, host_series *answer) {
    if (name_len >= 8 && memcmp(name, "ringtap_", 8) == 0) {
        answer->is_err = 1;
        answer->as.reason = reason("its name begins with ringtap_");
        return;
    }
    char *kept_name = strndup(name, name_len);
    ringtap_text names[16];
    ringtap_text values[16];
    for (size_t i = 0; i < count; i++) {
        names[i] = labels[i].name;
        values[i] = labels[i].value;
    }
    size_t id = known(kept_name, test_labels(names, values, count), false);
    bool is_overflow = id == SIZE_MAX && own_series() >= test_state.max_series;
    if (is_overflow) {
        id = known(kept_name, "", true);
        for (size_t i = 0; i < count; i++) {
            values[i] = ringtap_text_of("(overflow)");
        }
    }
    if (id == SIZE_MAX) {
        id = test_state.series_count++;
        test_state.series[id] = (test_series){
            kept_name, test_labels(names, values, count), is_gauge, is_overflow, false, 0,
        };
    }
    answer->is_err = 0;
    answer->as.series = (uint32_t)id | (is_overflow ? OVERFLOW_BIT : 0);
}

void host_counter(const char *name, size_t name_len, const char *help, size_t help_len,
                  const host_label *labels, size_t label_count, host_series *answer) {
    (void)help;
    (void)help_len;
    define(name, name_len, labels, label_count, false, answer);
}

void host_gauge(const char *name, size_t name_len, const char *help, size_t help_len,
                const host_label *labels, size_t label_count, host_series *answer) {
    (void)help;
    (void)help_len;
    define(name, name_len, labels, label_count, true, answer);
}

void host_histogram(const char *name, size_t name_len, const char *help, size_t help_len,
                    const double *bounds, size_t bound_count, const host_label *labels,
                    size_t label_count, host_series *answer) {
    (void)help;
    (void)help_len;
    (void)bounds;
    (void)bound_count;
    define(name, name_len, labels, label_count, false, answer);
}

static test_series *series_of(uint32_t id, host_done *answer) {
    size_t place = id & ~OVERFLOW_BIT;
    if (place >= test_state.series_count || test_state.series[place].is_forgotten) {
        answer->is_err = 1;
        answer->reason = reason("no series has the handle");
        return NULL;
    }
    return &test_state.series[place];
}

void host_update(const uint32_t *ids, size_t id_count, const double *values, size_t value_count,
                 host_done *answer) {
    test_state.calls++;
    answer->is_err = id_count != value_count;
    for (size_t i = 0; i < id_count; i++) {
        test_series *series = series_of(ids[i], answer);
        if (series != NULL && !series->is_gauge) {
            series->value += values[i];
        } else if (series != NULL && !series->is_overflow) {
            series->value = values[i];
        }
    }
}

void host_forget(const uint32_t *ids, size_t id_count, host_done *answer) {
    answer->is_err = 0;
    for (size_t i = 0; i < id_count; i++) {
        test_series *series = series_of(ids[i], answer);
        if (series != NULL) {
            series->is_forgotten = true;
        }
    }
}

/// A NUL is shown, since it may stand in a text.
static void put_text(test_text *out, ringtap_text text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\0') {
            test_put(out, "\\0");
        } else {
            test_put(out, "%c", text.data[i]);
        }
    }
}

static void put_value(test_text *text, const ringtap_value *value) {
    switch ((ringtap_type)value->type) {
    case RINGTAP_TEXT:
        put_text(text, value->as.text);
        break;
    case RINGTAP_INT:
        test_put(text, "%lld", (long long)value->as.int_);
        break;
    case RINGTAP_UINT:
        test_put(text, "%llu", (unsigned long long)value->as.uint);
        break;
    case RINGTAP_FLOAT:
        test_put(text, "%g", value->as.float_);
        break;
    case RINGTAP_TRUTH:
        test_put(text, "%s", value->as.truth ? "true" : "false");
        break;
    case RINGTAP_BYTES:
        for (size_t i = 0; i < value->as.bytes.len; i++) {
            test_put(text, "%02x", value->as.bytes.data[i]);
        }
        break;
    }
}

void host_emit(const ringtap_event *rows, size_t count, host_done *answer) {
    test_state.calls++;
    answer->is_err = test_state.refuses_events;
    if (test_state.refuses_events) {
        answer->reason = reason("told to refuse");
        return;
    }
    test_text *text = &test_state.events;
    for (size_t i = 0; i < count; i++) {
        test_put(text, "%llu %.*s", (unsigned long long)rows[i].time_ns, (int)rows[i].kind.len,
                 rows[i].kind.data);
        for (size_t j = 0; j < rows[i].field_count; j++) {
            const ringtap_field *field = &rows[i].fields[j];
            test_put(text, " %.*s=", (int)field->name.len, field->name.data);
            put_value(text, &field->value);
        }
        test_put(text, "\n");
    }
}

static size_t place_of(const char *key, size_t len) {
    size_t place = 0;
    while (place < 64 &&
           (test_state.store[place].key == NULL || strlen(test_state.store[place].key) != len ||
            memcmp(test_state.store[place].key, key, len) != 0)) {
        place++;
    }
    return place;
}

void host_kv_get(const char *key, size_t len, host_bytes *answer) {
    size_t place = place_of(key, len);
    answer->is_some = place < 64;
    if (place < 64) {
        const char *value = (const char *)test_state.store[place].value;
        size_t value_len = test_state.store[place].len;
        answer->bytes = (ringtap_bytes){
            (const uint8_t *)ringtap_call_text(value, value_len).data,
            value_len,
        };
    }
}

void host_kv_set(const char *key, size_t key_len, const uint8_t *value, size_t value_len,
                 host_done *answer) {
    *answer = (host_done){1, {NULL, 0}};
    char number[64];
    if (key_len == 0 || key_len > 256) {
        snprintf(number, sizeof number, "it has %zu bytes, not 1 to 256", key_len);
        answer->reason = reason(number);
    } else if (value_len > 65536) {
        snprintf(number, sizeof number, "its value has %zu bytes, at most 65536", value_len);
        answer->reason = reason(number);
    } else if (test_state.refuses_kv) {
        answer->reason = reason("told to refuse");
    } else {
        host_kv_delete(key, key_len);
        size_t place = 0;
        while (test_state.store[place].key != NULL) {
            place++;
        }
        test_state.store[place].key = strndup(key, key_len);
        test_state.store[place].value = malloc(value_len + 1);
        if (value_len > 0) {
            memcpy(test_state.store[place].value, value, value_len);
        }
        test_state.store[place].len = value_len;
        answer->is_err = 0;
    }
}

void host_kv_delete(const char *key, size_t len) {
    size_t place = place_of(key, len);
    if (place < 64) {
        test_state.store[place].key = NULL;
    }
}

void host_kv_keys(const char *prefix, size_t len, ringtap_texts *answer) {
    char *keys[64];
    size_t count = 0;
    for (size_t i = 0; i < 64; i++) {
        char *key = test_state.store[i].key;
        if (key != NULL && strlen(key) >= len && memcmp(key, prefix, len) == 0) {
            keys[count++] = key;
        }
    }
    qsort(keys, count, sizeof *keys, by_text);
    ringtap_text *items = ringtap_call_alloc(count * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = reason(keys[i]);
    }
    *answer = (ringtap_texts){items, count};
}
