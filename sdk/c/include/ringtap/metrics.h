/// Metrics in the host's registry. They outlive the instance: a plugin that is replaced and defines
/// the same series again goes on counting where the old one stopped.
///
/// Values are collected here and cross to the host once, when the call ends.
///
/// Names and label names are Prometheus': `[a-zA-Z_][a-zA-Z0-9_]*`. Refused: the prefix `ringtap_`,
/// the labels `plugin`, `le` and `__*`, a name that stands for another kind of metric already, and
/// names, labels and texts over the bounds in wit/capabilities.wit. The host adds the label
/// `plugin`. By convention the name of a counter ends in `_total`.
///
/// Beyond the operator's limit of series, a new one is the overflow series of its metric, whose
/// labels all say `(overflow)`. What is set for a gauge there goes nowhere.
#ifndef RINGTAP_METRICS_H
#define RINGTAP_METRICS_H

#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A label and its value.
typedef struct {
    const char *name;
    const char *value;
} ringtap_label;

/// A series and what the call in progress did to it. The SDK's; use the functions below.
typedef struct ringtap_slot {
    uint32_t id;
    bool is_queued;
    bool is_forgotten;
    double value;
    struct ringtap_slot *next;
} ringtap_slot;

/// A number that only grows.
typedef struct {
    ringtap_slot slot;
} ringtap_counter;

/// A number that is set.
typedef struct {
    ringtap_slot slot;
} ringtap_gauge;

/// Counts of observations under upper bounds.
typedef struct {
    ringtap_slot slot;
} ringtap_histogram;

/// The series of that name and those labels: new, or known from before a reload. A host call.
ringtap_error ringtap_counter_new(ringtap_counter **out, const char *name, const char *help,
                                  const ringtap_label *labels, size_t label_count);
ringtap_error ringtap_gauge_new(ringtap_gauge **out, const char *name, const char *help,
                                const ringtap_label *labels, size_t label_count);
/// `bounds` are upper bounds, finite and growing, at most 64; the `+Inf` bucket is added.
ringtap_error ringtap_histogram_new(ringtap_histogram **out, const char *name, const char *help,
                                    const double *bounds, size_t bound_count,
                                    const ringtap_label *labels, size_t label_count);

/// Drop the series and its value, for labels that are of no interest any more; the handle is gone
/// then. What the call in progress did to it is dropped too. An overflow series stays, since it is
/// for others too, but its handle goes.
void ringtap_counter_forget(ringtap_counter *counter);
void ringtap_gauge_forget(ringtap_gauge *gauge);
void ringtap_histogram_forget(ringtap_histogram *histogram);

/// Use `ringtap_counter_add` and its like.
void ringtap_slot_queue_(ringtap_slot *slot);
void ringtap_slot_observe_(const ringtap_slot *slot, double value);

/// Add `n`. Exact up to 2^53, as Prometheus is.
static inline void ringtap_counter_add(ringtap_counter *counter, uint64_t n) {
    counter->slot.value += (double)n;
    if (!counter->slot.is_queued) {
        ringtap_slot_queue_(&counter->slot);
    }
}

/// Add one.
static inline void ringtap_counter_inc(ringtap_counter *counter) {
    ringtap_counter_add(counter, 1);
}

/// Add a fraction, such as seconds. Panics unless it is finite and not negative.
void ringtap_counter_add_float(ringtap_counter *counter, double delta);

/// Set it. The last value of a call counts.
static inline void ringtap_gauge_set(ringtap_gauge *gauge, double value) {
    gauge->slot.value = value;
    if (!gauge->slot.is_queued) {
        ringtap_slot_queue_(&gauge->slot);
    }
}

/// Count `value`. Panics if it is not a number.
void ringtap_histogram_observe(ringtap_histogram *histogram, double value);

/// Most labels of a metric.
#define RINGTAP_MAX_LABELS 16

/// Series of one name, told apart by the values of their labels. Each is defined when it is first
/// used; later uses find it here, without a host call or an allocation.
///
/// Holds as many series as there are values, until the host's limit is reached: then the values of
/// new ones go into the overflow series of the metric, at the price of a host call for each use,
/// and are not remembered. With values from packets, drop those that don't matter any more with
/// `…_forget`.
///
///     static ringtap_counter_family packets =
///         RINGTAP_FAMILY("packets_total", "Packets.", "protocol", "direction");
///
///     ringtap_counter *series;
///     ringtap_error error = ringtap_counter_with(&packets, &series, "tcp", "ingress");
typedef struct {
    const char *name;
    const char *help;
    const char *labels[RINGTAP_MAX_LABELS];
    const double *bounds;
    size_t bound_count;
    /// The SDK's.
    struct ringtap_family_entry **entries;
    size_t capacity;
    size_t len;
    ringtap_slot *overflow;
} ringtap_family;

typedef struct {
    ringtap_family family;
} ringtap_counter_family;

typedef struct {
    ringtap_family family;
} ringtap_gauge_family;

typedef struct {
    ringtap_family family;
} ringtap_histogram_family;

/// A family of counters or gauges: its name, its help, and the names of its labels. All are
/// literals or last as long.
#define RINGTAP_FAMILY(name, help, ...) {{name, help, {__VA_ARGS__}, 0, 0, 0, 0, 0, 0}}

/// As `RINGTAP_FAMILY`, with the upper bounds of its histograms: an array.
#define RINGTAP_HISTOGRAM_FAMILY(name, help, bounds, ...) \
    {{name, help, {__VA_ARGS__}, bounds, sizeof(bounds) / sizeof((bounds)[0]), 0, 0, 0, 0}}

/// The series with these values of the labels, C strings in the order in which the labels were
/// named.
#define ringtap_counter_with(family, out, ...) \
    ringtap_counter_with_(family, out, (const char *const[]){__VA_ARGS__})
#define ringtap_gauge_with(family, out, ...) \
    ringtap_gauge_with_(family, out, (const char *const[]){__VA_ARGS__})
#define ringtap_histogram_with(family, out, ...) \
    ringtap_histogram_with_(family, out, (const char *const[]){__VA_ARGS__})

/// As those without `_`, with the values as an array.
ringtap_error ringtap_counter_with_(ringtap_counter_family *family, ringtap_counter **out,
                                    const char *const *values);
ringtap_error ringtap_gauge_with_(ringtap_gauge_family *family, ringtap_gauge **out,
                                  const char *const *values);
ringtap_error ringtap_histogram_with_(ringtap_histogram_family *family, ringtap_histogram **out,
                                      const char *const *values);

/// Drop the series with these values of the labels, if there is one.
#define ringtap_family_forget(family_, ...) \
    ringtap_family_forget_(&(family_)->family, (const char *const[]){__VA_ARGS__})

/// As `ringtap_family_forget`, with the values as an array.
void ringtap_family_forget_(ringtap_family *family, const char *const *values);

/// Series of a family, without the one for overflow.
#define ringtap_family_len(family_) ((family_)->family.len)

#ifdef __cplusplus
}
#endif

#endif
