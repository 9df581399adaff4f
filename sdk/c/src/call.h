/// Of one call of the plugin.
#ifndef RINGTAP_CALL_H
#define RINGTAP_CALL_H

#include "ringtap/memory.h"

/// Work for the end of each call. It is set by the code that makes such work and by nothing else:
/// the linker then drops the host function of a capability that the plugin doesn't use, and with it
/// the import that the operator would read.
extern void (*ringtap_events_at_end)(void);
extern void (*ringtap_metrics_at_end)(void);

/// The plugin returns from a call: hand over what waits.
void ringtap_call_end(void);

/// The host has read the answer: the memory of the call is gone.
void ringtap_call_reset(void);

/// What panics are reported to, if to anything.
extern void (*ringtap_panics_to)(const char *why);

#endif
