// Calls a plugin as the host does.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/call.h"
#include "recorder.h"
#include "ringtap/testing.h"

#define WEAK __attribute__((weak))

// Only those are there that the plugin exports.
WEAK const void *ringtap_export_init(const char *config, size_t len);
WEAK void ringtap_export_tick(uint64_t now_ns);
WEAK void ringtap_export_stop(uint64_t now_ns);
WEAK void ringtap_export_on_packets RINGTAP_BATCH_PARAMETERS_;
WEAK const void *ringtap_export_keep RINGTAP_BATCH_PARAMETERS_;
WEAK void ringtap_export_on_events(const ringtap_received *rows, size_t count);
WEAK const void *ringtap_export_save(void);
WEAK const void *ringtap_export_restore(uint32_t schema, const uint8_t *saved, size_t len);

static uint64_t sequence;

void ringtap_test_end_call(void) {
    ringtap_call_end();
    ringtap_call_reset();
}

/// As src/roles.c lays results out.
typedef struct result {
    uint8_t is_err;
    const void *data;
    size_t len;
} result;

/// The error, or NULL and the data: a copy, since the call is over.
static ringtap_error ended(const void *answer, ringtap_bytes *data) {
    result result = *(const struct result *)answer;
    char *copy = malloc(result.len + 1);
    if (result.len > 0) {
        memcpy(copy, result.data, result.len);
    }
    copy[result.len] = '\0';
    ringtap_returned_(answer);
    if (data != NULL) {
        *data = (ringtap_bytes){(uint8_t *)copy, result.len};
    }
    return result.is_err != 0 ? copy : NULL;
}

ringtap_error ringtap_test_start(const char *config) {
    return ended(ringtap_export_init(config, strlen(config)), NULL);
}

/// A batch as it lies in memory.
typedef struct {
    uint8_t *records;
    size_t records_len;
    uint8_t *payload;
    size_t payload_len;
} laid_out;

/// In a host whose records are 8 bytes longer.
#define STRIDE (RINGTAP_RECORD_SIZE + 8)

static laid_out lay_out(const ringtap_test_record *records, uint32_t count) {
    laid_out out = {calloc(count, STRIDE), (size_t)count * STRIDE, NULL, 0};
    for (uint32_t i = 0; i < count; i++) {
        ringtap_test_record record = records[i];
        if (record.payload.len > 0) {
            ringtap_test_set(&record, "payload_offset", out.payload_len);
            ringtap_test_set(&record, "payload_len", record.payload.len);
            out.payload = ringtap_realloc(out.payload, out.payload_len + record.payload.len);
            memcpy(out.payload + out.payload_len, record.payload.data, record.payload.len);
            out.payload_len += record.payload.len;
        }
        memcpy(out.records + (size_t)i * STRIDE, record.bytes, RINGTAP_RECORD_SIZE);
    }
    return out;
}

#define LAID_OUT(out, count)                                                        \
    sequence, 0, 0, STRIDE, count, (out).records, (out).records_len, (out).payload, \
        (out).payload_len

void ringtap_test_packets(const ringtap_test_record *records, uint32_t count) {
    laid_out out = lay_out(records, count);
    ringtap_export_on_packets(LAID_OUT(out, count));
    sequence += count;
    free(out.records);
    free(out.payload);
}

void ringtap_test_keep(const ringtap_test_record *records, uint32_t count, bool *kept) {
    laid_out out = lay_out(records, count);
    const void *answer = ringtap_export_keep(LAID_OUT(out, count));
    const ringtap_bytes *bits = answer;
    RINGTAP_CHECK(bits->len == (count + 7) / 8);
    for (uint32_t i = 0; i < count; i++) {
        kept[i] = (bits->data[i / 8] >> i % 8 & 1) == 1;
    }
    for (size_t i = count; i < bits->len * 8; i++) {
        RINGTAP_CHECK((bits->data[i / 8] >> i % 8 & 1) == 0);
    }
    ringtap_returned_(answer);
    sequence += count;
    free(out.records);
    free(out.payload);
}

void ringtap_test_events(const ringtap_received *rows, size_t count) {
    ringtap_export_on_events(rows, count);
}

void ringtap_test_tick(uint64_t now_ns) {
    test_state.now_ns = now_ns;
    ringtap_export_tick(now_ns);
}

void ringtap_test_stop(uint64_t now_ns) {
    test_state.now_ns = now_ns;
    ringtap_export_stop(now_ns);
}

ringtap_error ringtap_test_save(ringtap_bytes *saved) {
    return ended(ringtap_export_save(), saved);
}

ringtap_error ringtap_test_restore(uint32_t schema, ringtap_bytes saved) {
    return ended(ringtap_export_restore(schema, saved.data, saved.len), NULL);
}

void ringtap_test_name_interface(uint32_t ifindex, const char *name) {
    RINGTAP_CHECK(ifindex < 64);
    test_state.interfaces[ifindex] = strdup(name);
}

void ringtap_test_refuse_events(bool refuse) {
    test_state.refuses_events = refuse;
}

void ringtap_test_refuse_kv(bool refuse) {
    test_state.refuses_kv = refuse;
}

void ringtap_test_limit_series(size_t most) {
    test_state.max_series = most;
}

double ringtap_test_metric(const char *name, ...) {
    ringtap_text names[16];
    ringtap_text values[16];
    size_t count = 0;
    va_list labels;
    va_start(labels, name);
    for (const char *label = va_arg(labels, const char *); label != NULL;
         label = va_arg(labels, const char *)) {
        names[count] = ringtap_text_of(label);
        values[count++] = ringtap_text_of(va_arg(labels, const char *));
    }
    va_end(labels);
    char *all = test_labels(names, values, count);
    double value = NAN;
    for (size_t i = 0; i < test_state.series_count; i++) {
        const test_series *series = &test_state.series[i];
        if (!series->is_forgotten && strcmp(series->name, name) == 0 &&
            strcmp(series->labels, all) == 0) {
            value = series->value;
        }
    }
    free(all);
    return value;
}

size_t ringtap_test_series(const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < test_state.series_count; i++) {
        const test_series *series = &test_state.series[i];
        count += !series->is_forgotten && strcmp(series->name, name) == 0;
    }
    return count;
}

const char *ringtap_test_told(void) {
    return test_take(&test_state.events);
}

const char *ringtap_test_logged(void) {
    return test_take(&test_state.log);
}

size_t ringtap_test_host_calls(void) {
    return test_state.calls;
}
