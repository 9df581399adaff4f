/// What families share with single series.
#ifndef RINGTAP_SRC_METRICS_H
#define RINGTAP_SRC_METRICS_H

#include "host.h"
#include "ringtap/metrics.h"

typedef struct {
    const char *name;
    const char *help;
    const double *bounds;
    size_t bound_count;
    const host_label *labels;
    size_t label_count;
} definition;

/// Asks the host for a series. There is one for each kind, so that the linker keeps the imports
/// that are of use, and no others.
typedef void define(const definition *definition, host_series *answer);

define ringtap_define_counter;
define ringtap_define_gauge;
define ringtap_define_histogram;

ringtap_error ringtap_define(define *define, const definition *definition, uint32_t *id);

/// Make `slot` that of a series.
void ringtap_slot_start(ringtap_slot *slot, uint32_t id);

/// Forget the series, and free the memory that the slot begins when nothing waits there any more.
void ringtap_slot_forget(ringtap_slot *slot);

#endif
