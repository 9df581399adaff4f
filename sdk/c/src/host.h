/// The host's functions, with parameters as the canonical ABI flattens them: in a component its
/// imports, on any other target those of testing/recorder.c.
#ifndef RINGTAP_HOST_H
#define RINGTAP_HOST_H

#include "ringtap/capabilities.h"
#include "ringtap/metrics.h"
#include "ringtap/types.h"

#ifdef __wasm__
#define IMPORT(interface, name) \
    __attribute__((import_module("ringtap:plugin/" interface "@0.1.0"), import_name(name)))
#else
#define IMPORT(interface, name)
#endif

/// A `result<series, string>`.
typedef struct {
    uint8_t is_err;
    union {
        uint32_t series;
        ringtap_text reason;
    } as;
} host_series;

/// A `result<_, string>`.
typedef struct {
    uint8_t is_err;
    ringtap_text reason;
} host_done;

/// An `option<string>`.
typedef struct {
    uint8_t is_some;
    ringtap_text text;
} host_text;

/// An `option<list<u8>>`.
typedef struct {
    uint8_t is_some;
    ringtap_bytes bytes;
} host_bytes;

/// A `tuple<string, string>`.
typedef struct {
    ringtap_text name;
    ringtap_text value;
} host_label;

#ifdef __wasm__
_Static_assert(sizeof(ringtap_value) == 16 && offsetof(ringtap_value, as) == 8, "value");
_Static_assert(sizeof(ringtap_field) == 24 && offsetof(ringtap_field, value) == 8, "field");
_Static_assert(sizeof(ringtap_event) == 24 && offsetof(ringtap_event, fields) == 16, "event");
_Static_assert(sizeof(host_series) == 12 && offsetof(host_series, as) == 4, "result");
#endif

IMPORT("log", "write") void host_log(uint32_t level, const char *line, size_t len);
IMPORT("clock", "now-ns") uint64_t host_now_ns(void);
IMPORT("interfaces", "name") void host_interface_name(uint32_t ifindex, host_text *answer);
IMPORT("random", "next") uint64_t host_random(void);

IMPORT("metrics", "counter")
void host_counter(const char *name, size_t name_len, const char *help, size_t help_len,
                  const host_label *labels, size_t label_count, host_series *answer);
IMPORT("metrics", "gauge")
void host_gauge(const char *name, size_t name_len, const char *help, size_t help_len,
                const host_label *labels, size_t label_count, host_series *answer);
IMPORT("metrics", "histogram")
void host_histogram(const char *name, size_t name_len, const char *help, size_t help_len,
                    const double *bounds, size_t bound_count, const host_label *labels,
                    size_t label_count, host_series *answer);
IMPORT("metrics", "update")
void host_update(const uint32_t *ids, size_t id_count, const double *values, size_t value_count,
                 host_done *answer);
IMPORT("metrics", "forget")
void host_forget(const uint32_t *ids, size_t id_count, host_done *answer);

IMPORT("events", "emit")
void host_emit(const ringtap_event *rows, size_t count, host_done *answer);

IMPORT("kv", "get") void host_kv_get(const char *key, size_t len, host_bytes *answer);
IMPORT("kv", "set")
void host_kv_set(const char *key, size_t key_len, const uint8_t *value, size_t value_len,
                 host_done *answer);
IMPORT("kv", "delete") void host_kv_delete(const char *key, size_t len);
IMPORT("kv", "keys") void host_kv_keys(const char *prefix, size_t len, ringtap_texts *answer);

/// Set in the handles of overflow series; see wit/capabilities.wit.
#define OVERFLOW_BIT (1u << 31)

#endif
