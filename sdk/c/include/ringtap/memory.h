/// Two kinds of memory.
///
/// What lives on belongs to the plugin: its own variables, or `malloc` and `free` of <stdlib.h>.
/// What is of use until the call of the plugin ends comes from here: it needs no `free`, and costs
/// a few instructions. The host puts there what it hands over, records included.
#ifndef RINGTAP_MEMORY_H
#define RINGTAP_MEMORY_H

#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Memory until this call of the plugin ends, aligned to 8 and not cleared. Ends the instance where
/// the operator's limit of memory is reached; never NULL.
void *ringtap_call_alloc(size_t size);

/// A copy that lasts until this call of the plugin ends, with a NUL behind it.
ringtap_text ringtap_call_text(const char *data, size_t len);

/// As `malloc`, `calloc` and `realloc`, but ends the instance instead of answering NULL.
void *ringtap_alloc(size_t size);
void *ringtap_alloc_zeroed(size_t count, size_t size);
void *ringtap_realloc(void *memory, size_t size);

/// End the instance: a bug, or a state that can't be gone on from. The call leaves no trace in
/// metrics and events. Logs `why` if `ringtap_report_panics` was called.
__attribute__((noreturn)) void ringtap_panic(const char *why);

/// Let panics log why, as an error. For the start of `init`. Not done by itself, since it makes a
/// plugin ask for the capability `log`.
void ringtap_report_panics(void);

#ifdef __cplusplus
}
#endif

#endif
