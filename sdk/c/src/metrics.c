#include "metrics.h"

#include <string.h>

#include "ringtap/memory.h"
#include "ringtap/text.h"

#define TEXT(text) text, strlen(text)

void ringtap_define_counter(const definition *d, host_series *answer) {
    host_counter(TEXT(d->name), TEXT(d->help), d->labels, d->label_count, answer);
}

void ringtap_define_gauge(const definition *d, host_series *answer) {
    host_gauge(TEXT(d->name), TEXT(d->help), d->labels, d->label_count, answer);
}

void ringtap_define_histogram(const definition *d, host_series *answer) {
    host_histogram(TEXT(d->name), TEXT(d->help), d->bounds, d->bound_count, d->labels,
                   d->label_count, answer);
}

ringtap_error ringtap_define(define *define, const definition *definition, uint32_t *id) {
    host_series answer;
    define(definition, &answer);
    if (answer.is_err != 0) {
        const char *reason = answer.as.reason.data;
        return ringtap_concat("can't define the metric ", definition->name, ": ", reason);
    }
    *id = answer.as.series;
    return NULL;
}

static const host_label *told(const ringtap_label *labels, size_t count) {
    host_label *told = ringtap_call_alloc(count * sizeof *told);
    for (size_t i = 0; i < count; i++) {
        told[i] = (host_label){ringtap_text_of(labels[i].name), ringtap_text_of(labels[i].value)};
    }
    return told;
}

static ringtap_error series_new(define *define, const definition *definition, ringtap_slot **out) {
    uint32_t id = 0;
    ringtap_error error = ringtap_define(define, definition, &id);
    if (error == NULL) {
        *out = ringtap_alloc(sizeof **out);
        ringtap_slot_start(*out, id);
    }
    return error;
}

// A handle is a slot and nothing else, so a pointer to the one is a pointer to the other.

ringtap_error ringtap_counter_new(ringtap_counter **out, const char *name, const char *help,
                                  const ringtap_label *labels, size_t label_count) {
    definition definition = {name, help, NULL, 0, told(labels, label_count), label_count};
    return series_new(ringtap_define_counter, &definition, (ringtap_slot **)out);
}

ringtap_error ringtap_gauge_new(ringtap_gauge **out, const char *name, const char *help,
                                const ringtap_label *labels, size_t label_count) {
    definition definition = {name, help, NULL, 0, told(labels, label_count), label_count};
    return series_new(ringtap_define_gauge, &definition, (ringtap_slot **)out);
}

ringtap_error ringtap_histogram_new(ringtap_histogram **out, const char *name, const char *help,
                                    const double *bounds, size_t bound_count,
                                    const ringtap_label *labels, size_t label_count) {
    definition definition = {
        name, help, bounds, bound_count, told(labels, label_count), label_count,
    };
    return series_new(ringtap_define_histogram, &definition, (ringtap_slot **)out);
}

void ringtap_counter_forget(ringtap_counter *counter) {
    ringtap_slot_forget(&counter->slot);
}

void ringtap_gauge_forget(ringtap_gauge *gauge) {
    ringtap_slot_forget(&gauge->slot);
}

void ringtap_histogram_forget(ringtap_histogram *histogram) {
    ringtap_slot_forget(&histogram->slot);
}
