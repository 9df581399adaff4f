#include "sources.h"

#include <stdlib.h>
#include <string.h>

static struct {
    uint64_t seed;
    source *all;
    uint32_t count;
    uint32_t places;
    /// Numbers in `all` by hash, from 1; 0 is none. Twice as many as places, at least.
    uint32_t *index;
    uint32_t mask;
} table;

void sources_init(uint32_t places, uint64_t seed) {
    sketch_init();
    free(table.all);
    free(table.index);
    table.seed = seed;
    table.count = 0;
    table.places = places;
    table.all = ringtap_alloc(places * sizeof *table.all);
    table.mask = 31;
    while (table.mask < 2 * places) {
        table.mask = table.mask * 2 + 1;
    }
    table.index = ringtap_alloc_zeroed((size_t)table.mask + 1, sizeof *table.index);
}

uint32_t sources_count(void) {
    return table.count;
}

void sources_clear(void) {
    table.count = 0;
    memset(table.index, 0, ((size_t)table.mask + 1) * sizeof *table.index);
}

/// The finisher of SplitMix64 (Steele, Lea and Flood, 2014).
static uint64_t mixed(uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

static uint64_t hash_of(const ringtap_address *address) {
    uint64_t halves[2];
    memcpy(halves, address->bytes, sizeof halves);
    return mixed(mixed(mixed(table.seed ^ halves[0]) ^ halves[1]) + address->version);
}

static uint32_t *place_of(const ringtap_address *address) {
    uint32_t place = (uint32_t)hash_of(address) & table.mask;
    while (table.index[place] != 0 &&
           !ringtap_address_equal(&table.all[table.index[place] - 1].address, address)) {
        place = (place + 1) & table.mask;
    }
    return &table.index[place];
}

source *sources_find_or_add(const ringtap_address *address, uint64_t time_ns) {
    uint32_t *place = place_of(address);
    if (*place != 0) {
        return &table.all[*place - 1];
    }
    if (table.count == table.places) {
        return NULL;
    }
    source *added = &table.all[table.count++];
    memset(added, 0, sizeof *added);
    added->address = *address;
    added->since_ns = time_ns;
    *place = table.count;
    return added;
}

void source_note(source *source, const attempt *attempt) {
    sketch_add(&source->hosts, hash_of(&attempt->dst));
    if (attempt->has_port) {
        sketch_add(&source->ports, mixed(table.seed ^ attempt->port));
    }
}

void sources_save(ringtap_writer *out) {
    ringtap_write_u64(out, table.seed);
    ringtap_write_u32(out, table.count);
    for (uint32_t i = 0; i < table.count; i++) {
        const source *source = &table.all[i];
        ringtap_write_u8(out, source->address.version);
        ringtap_write_bytes(out, source->address.bytes, sizeof source->address.bytes);
        ringtap_write_u8(out, source->is_told);
        ringtap_write_u64(out, source->attempts);
        ringtap_write_u64(out, source->since_ns);
        ringtap_write_bytes(out, source->hosts.bits, SKETCH_BYTES);
        ringtap_write_bytes(out, source->ports.bits, SKETCH_BYTES);
    }
}

static bool restore_source(ringtap_reader *saved) {
    source read = {.address.version = ringtap_read_u8(saved)};
    ringtap_read_bytes(saved, read.address.bytes, sizeof read.address.bytes);
    uint8_t is_told = ringtap_read_u8(saved);
    read.is_told = is_told == 1;
    read.attempts = ringtap_read_u64(saved);
    read.since_ns = ringtap_read_u64(saved);
    ringtap_read_bytes(saved, read.hosts.bits, SKETCH_BYTES);
    ringtap_read_bytes(saved, read.ports.bits, SKETCH_BYTES);
    bool is_valid = (read.address.version == 4 || read.address.version == 6) && is_told <= 1;
    if (!is_valid || *place_of(&read.address) != 0) {
        return false;
    }
    sketch_recount(&read.hosts);
    sketch_recount(&read.ports);
    source *added = sources_find_or_add(&read.address, read.since_ns);
    if (added != NULL) {
        *added = read;
    }
    return true;
}

bool sources_restore(ringtap_reader *saved) {
    table.seed = ringtap_read_u64(saved);
    uint32_t count = ringtap_read_u32(saved);
    for (uint32_t i = 0; i < count && !saved->is_short; i++) {
        if (!restore_source(saved)) {
            return false;
        }
    }
    return ringtap_reader_is_done(saved);
}
