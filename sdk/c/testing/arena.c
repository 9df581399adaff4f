// The memory of one call, a piece each, so that a sanitizer sees what is used too long.
#include <stddef.h>

#ifndef __wasm__

#include <stdlib.h>

#include "../src/call.h"

typedef struct piece {
    struct piece *next;
    uint64_t memory[];
} piece;

static piece *pieces;

void *ringtap_call_alloc(size_t size) {
    piece *added = ringtap_alloc(sizeof(piece) + size);
    added->next = pieces;
    pieces = added;
    return added->memory;
}

void ringtap_call_reset(void) {
    while (pieces != NULL) {
        piece *next = pieces->next;
        free(pieces);
        pieces = next;
    }
}

#endif
