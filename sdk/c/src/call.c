#include "call.h"

#include <stdlib.h>
#include <string.h>

void (*ringtap_events_at_end)(void);
void (*ringtap_metrics_at_end)(void);
void (*ringtap_panics_to)(const char *why);

void ringtap_call_end(void) {
    if (ringtap_events_at_end != NULL) {
        ringtap_events_at_end();
    }
    if (ringtap_metrics_at_end != NULL) {
        ringtap_metrics_at_end();
    }
}

void ringtap_panic(const char *why) {
    if (ringtap_panics_to != NULL) {
        ringtap_panics_to(why);
    }
    __builtin_trap();
}

ringtap_text ringtap_call_text(const char *data, size_t len) {
    char *copy = ringtap_call_alloc(len + 1);
    memcpy(copy, data, len);
    copy[len] = '\0';
    return (ringtap_text){copy, len};
}

static void *there(void *memory) {
    if (memory == NULL) {
        ringtap_panic("the plugin is out of memory");
    }
    return memory;
}

void *ringtap_alloc(size_t size) {
    return there(malloc(size == 0 ? 1 : size));
}

void *ringtap_alloc_zeroed(size_t count, size_t size) {
    return there(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *ringtap_realloc(void *memory, size_t size) {
    return there(realloc(memory, size == 0 ? 1 : size));
}
