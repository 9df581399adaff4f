#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "ringtap/text.h"

/// What waits for the end of the call. The arrays stay as large as they once were, so that nothing
/// is allocated from then on.
static struct {
    /// Counters and gauges that changed, in the order in which they first did.
    ringtap_slot *changed;
    ringtap_slot **changed_end;
    size_t changed_count;
    /// Of histograms.
    uint32_t *ids;
    double *values;
    size_t count;
    size_t capacity;
    ringtap_slot **gone;
    size_t gone_count;
    size_t gone_capacity;
} pending;

static void make_room(size_t count) {
    if (pending.capacity - pending.count < count) {
        pending.capacity = pending.capacity * 2 + count + 64;
        pending.ids = ringtap_realloc(pending.ids, pending.capacity * sizeof *pending.ids);
        pending.values = ringtap_realloc(pending.values, pending.capacity * sizeof *pending.values);
    }
}

static void push(uint32_t id, double value) {
    pending.ids[pending.count] = id;
    pending.values[pending.count] = value;
    pending.count++;
}

static void collect(void) {
    make_room(pending.changed_count);
    for (ringtap_slot *slot = pending.changed; slot != NULL; slot = slot->next) {
        slot->is_queued = false;
        if (!slot->is_forgotten) {
            push(slot->id, slot->value);
            slot->value = 0;
        }
    }
    pending.changed = NULL;
    pending.changed_count = 0;
}

static void refuse(const char *what, ringtap_text reason) {
    ringtap_panic(ringtap_concat("the host refused ", what, ": ", reason.data));
}

static void forget_gone(void) {
    make_room(pending.gone_count);
    size_t count = 0;
    for (size_t i = 0; i < pending.gone_count; i++) {
        if (pending.gone[i]->is_forgotten) {
            pending.ids[count++] = pending.gone[i]->id;
        }
        free(pending.gone[i]);
    }
    pending.gone_count = 0;
    if (count > 0) {
        host_done answer;
        host_forget(pending.ids, count, &answer);
        if (answer.is_err != 0) {
            refuse("to forget series", answer.reason);
        }
    }
}

/// The host refuses only what the functions here don't let a plugin do, or the use of a series
/// through one handle after it was forgotten through another.
static void flush(void) {
    collect();
    if (pending.count > 0) {
        host_done answer;
        host_update(pending.ids, pending.count, pending.values, pending.count, &answer);
        if (answer.is_err != 0) {
            refuse("values of metrics", answer.reason);
        }
        pending.count = 0;
    }
    if (pending.gone_count > 0) {
        forget_gone();
    }
}

void ringtap_slot_start(ringtap_slot *slot, uint32_t id) {
    ringtap_metrics_at_end = flush;
    *slot = (ringtap_slot){.id = id};
}

void ringtap_slot_queue_(ringtap_slot *slot) {
    slot->is_queued = true;
    slot->next = NULL;
    if (pending.changed == NULL) {
        pending.changed = slot;
    } else {
        *pending.changed_end = slot;
    }
    pending.changed_end = &slot->next;
    pending.changed_count++;
}

void ringtap_slot_observe_(const ringtap_slot *slot, double value) {
    make_room(1);
    push(slot->id, value);
}

static void drop_observations(uint32_t id) {
    size_t kept = 0;
    for (size_t i = 0; i < pending.count; i++) {
        if (pending.ids[i] != id) {
            pending.ids[kept] = pending.ids[i];
            pending.values[kept] = pending.values[i];
            kept++;
        }
    }
    pending.count = kept;
}

void ringtap_slot_forget(ringtap_slot *slot) {
    // An overflow series is for others too.
    if ((slot->id & OVERFLOW_BIT) == 0) {
        slot->is_forgotten = true;
        drop_observations(slot->id);
    }
    if (pending.gone_count == pending.gone_capacity) {
        pending.gone_capacity = pending.gone_capacity * 2 + 16;
        pending.gone = ringtap_realloc(pending.gone, pending.gone_capacity * sizeof *pending.gone);
    }
    pending.gone[pending.gone_count++] = slot;
}

void ringtap_counter_add_float(ringtap_counter *counter, double delta) {
    if (!(delta >= 0 && delta <= 1.7976931348623157e308)) {
        ringtap_panic("a counter can't grow by what is negative or not finite");
    }
    counter->slot.value += delta;
    if (!counter->slot.is_queued) {
        ringtap_slot_queue_(&counter->slot);
    }
}

void ringtap_histogram_observe(ringtap_histogram *histogram, double value) {
    if (value != value) {
        ringtap_panic("a histogram can't observe NaN");
    }
    ringtap_slot_observe_(&histogram->slot, value);
}
