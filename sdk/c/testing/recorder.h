/// What the host of a test knows.
#ifndef RINGTAP_RECORDER_H
#define RINGTAP_RECORDER_H

#include "ringtap.h"

/// A text that grows.
typedef struct {
    char *data;
    size_t len;
} test_text;

void test_put(test_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// What is there, which is empty from then on.
const char *test_take(test_text *text);

#define TEST_MAX 4096

typedef struct {
    char *name;
    /// Sorted, each as `name=value;`.
    char *labels;
    bool is_gauge;
    bool is_overflow;
    bool is_forgotten;
    double value;
} test_series;

typedef struct {
    uint64_t now_ns;
    char *interfaces[64];
    test_text log;
    test_text events;
    bool refuses_events;
    bool refuses_kv;
    test_series series[TEST_MAX];
    size_t series_count;
    size_t max_series;
    struct {
        char *key;
        uint8_t *value;
        size_t len;
    } store[64];
    uint64_t drawn;
    size_t calls;
} test_host;

extern test_host test_state;

/// Labels as they are kept.
char *test_labels(const ringtap_text *names, const ringtap_text *values, size_t count);

#endif
