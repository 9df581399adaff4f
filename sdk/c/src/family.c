#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "ringtap/memory.h"
#include "ringtap/text.h"

/// A series that was used before. The slot comes first: whoever frees it frees the entry.
struct ringtap_family_entry {
    ringtap_slot slot;
    uint32_t hash;
    size_t key_len;
    char key[];
};

typedef struct ringtap_family_entry entry;

/// The values of the labels, one after the other, each with its NUL.
typedef struct {
    const char *const *values;
    size_t count;
    size_t len;
    uint32_t hash;
} key;

static size_t label_count(const ringtap_family *family) {
    size_t count = 0;
    while (count < RINGTAP_MAX_LABELS && family->labels[count] != NULL) {
        count++;
    }
    return count;
}

/// FNV-1a, and a last step that spreads it over the low bits.
static key key_of(const ringtap_family *family, const char *const *values) {
    key key = {values, label_count(family), 0, 2166136261u};
    for (size_t i = 0; i < key.count; i++) {
        const char *at = values[i];
        do {
            key.hash = (key.hash ^ (unsigned char)*at) * 16777619u;
            key.len++;
        } while (*at++ != '\0');
    }
    key.hash ^= key.hash >> 15;
    return key;
}

static bool is_of(const entry *entry, const key *key) {
    if (entry->hash != key->hash || entry->key_len != key->len) {
        return false;
    }
    const char *at = entry->key;
    for (size_t i = 0; i < key->count; i++) {
        size_t len = strlen(key->values[i]) + 1;
        if (memcmp(at, key->values[i], len) != 0) {
            return false;
        }
        at += len;
    }
    return true;
}

/// Where the entry is, or where it would be. There is always a free place.
static size_t place_of(const ringtap_family *family, const key *key) {
    size_t mask = family->capacity - 1;
    size_t place = key->hash & mask;
    while (family->entries[place] != NULL && !is_of(family->entries[place], key)) {
        place = (place + 1) & mask;
    }
    return place;
}

static void place_again(ringtap_family *family, entry *entry) {
    size_t mask = family->capacity - 1;
    size_t place = entry->hash & mask;
    while (family->entries[place] != NULL) {
        place = (place + 1) & mask;
    }
    family->entries[place] = entry;
}

/// Twice as many places, where more than three quarters are taken.
static void make_room(ringtap_family *family) {
    if (family->capacity > 0 && family->len + 1 <= family->capacity / 4 * 3) {
        return;
    }
    entry **old = family->entries;
    size_t old_capacity = family->capacity;
    family->capacity = old_capacity == 0 ? 16 : old_capacity * 2;
    family->entries = ringtap_alloc_zeroed(family->capacity, sizeof *family->entries);
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i] != NULL) {
            place_again(family, old[i]);
        }
    }
    free(old);
}

static entry *new_entry(const key *key, uint32_t id) {
    entry *entry = ringtap_alloc(sizeof *entry + key->len);
    ringtap_slot_start(&entry->slot, id);
    entry->hash = key->hash;
    entry->key_len = key->len;
    char *at = entry->key;
    for (size_t i = 0; i < key->count; i++) {
        size_t len = strlen(key->values[i]) + 1;
        memcpy(at, key->values[i], len);
        at += len;
    }
    return entry;
}

/// The series that takes what the host has no room for. Nothing bounds how many labels it stands
/// for, and there may be room for them later, so they are not remembered.
static ringtap_slot *overflow(ringtap_family *family, uint32_t id) {
    if (family->overflow == NULL) {
        family->overflow = ringtap_alloc(sizeof *family->overflow);
        ringtap_slot_start(family->overflow, id);
    }
    return family->overflow;
}

static ringtap_error define_series(ringtap_family *family, define *define, const key *key,
                                   ringtap_slot **out) {
    host_label labels[RINGTAP_MAX_LABELS];
    for (size_t i = 0; i < key->count; i++) {
        labels[i].name = ringtap_text_of(family->labels[i]);
        labels[i].value = ringtap_text_of(key->values[i]);
    }
    definition definition = {
        family->name, family->help, family->bounds, family->bound_count, labels, key->count,
    };
    uint32_t id = 0;
    ringtap_error error = ringtap_define(define, &definition, &id);
    if (error != NULL) {
        return error;
    }
    if ((id & OVERFLOW_BIT) != 0) {
        *out = overflow(family, id);
        return NULL;
    }
    make_room(family);
    entry *entry = new_entry(key, id);
    family->entries[place_of(family, key)] = entry;
    family->len++;
    *out = &entry->slot;
    return NULL;
}

static ringtap_error with(ringtap_family *family, define *define, const char *const *values,
                          ringtap_slot **out) {
    key key = key_of(family, values);
    if (family->capacity > 0) {
        entry *known = family->entries[place_of(family, &key)];
        if (known != NULL) {
            *out = &known->slot;
            return NULL;
        }
    }
    return define_series(family, define, &key, out);
}

ringtap_error ringtap_counter_with_(ringtap_counter_family *family, ringtap_counter **out,
                                    const char *const *values) {
    return with(&family->family, ringtap_define_counter, values, (ringtap_slot **)out);
}

ringtap_error ringtap_gauge_with_(ringtap_gauge_family *family, ringtap_gauge **out,
                                  const char *const *values) {
    return with(&family->family, ringtap_define_gauge, values, (ringtap_slot **)out);
}

ringtap_error ringtap_histogram_with_(ringtap_histogram_family *family, ringtap_histogram **out,
                                      const char *const *values) {
    return with(&family->family, ringtap_define_histogram, values, (ringtap_slot **)out);
}

void ringtap_family_forget_(ringtap_family *family, const char *const *values) {
    if (family->capacity == 0) {
        return;
    }
    key key = key_of(family, values);
    size_t mask = family->capacity - 1;
    size_t place = place_of(family, &key);
    entry *gone = family->entries[place];
    if (gone == NULL) {
        return;
    }
    family->entries[place] = NULL;
    family->len--;
    // What stands behind it may have been pushed there by it.
    for (place = (place + 1) & mask; family->entries[place] != NULL; place = (place + 1) & mask) {
        entry *moved = family->entries[place];
        family->entries[place] = NULL;
        place_again(family, moved);
    }
    ringtap_slot_forget(&gone->slot);
}
