/// A table of bounded size: what is known of each source in this interval.
#ifndef SCAN_WATCH_SOURCES_H
#define SCAN_WATCH_SOURCES_H

#include <ringtap.h>

#include "sketch.h"

/// Somebody tries to reach somebody.
typedef struct {
    ringtap_address src;
    ringtap_address dst;
    /// TCP's; an echo request has none.
    bool has_port;
    uint16_t port;
    uint64_t time_ns;
} attempt;

typedef struct {
    ringtap_address address;
    bool is_told;
    uint64_t attempts;
    /// The first attempt of this interval.
    uint64_t since_ns;
    sketch hosts;
    sketch ports;
} source;

/// An empty table with so many places. `seed` decides how addresses are hashed.
void sources_init(uint32_t places, uint64_t seed);

uint32_t sources_count(void);

/// Forget all.
void sources_clear(void);

/// NULL where it is not known and there is no room.
source *sources_find_or_add(const ringtap_address *address, uint64_t time_ns);

/// Note where an attempt of the source went.
void source_note(source *source, const attempt *attempt);

void sources_save(ringtap_writer *out);

/// Take what `sources_save` wrote; of more sources than there are places, the first ones. False for
/// anything else.
bool sources_restore(ringtap_reader *saved);

#endif
