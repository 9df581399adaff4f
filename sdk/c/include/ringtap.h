/// ringtap's SDK for C, and for what can read a C header. No libc is needed; what there is of one
/// is in <stdlib.h> and <string.h> beside it.
#ifndef RINGTAP_H
#define RINGTAP_H

#include "ringtap/capabilities.h"
#include "ringtap/config.h"
#include "ringtap/events.h"
#include "ringtap/memory.h"
#include "ringtap/metrics.h"
#include "ringtap/packet.h"
#include "ringtap/roles.h"
#include "ringtap/state.h"
#include "ringtap/text.h"
#include "ringtap/types.h"

#endif
