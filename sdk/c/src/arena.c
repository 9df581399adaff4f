// The memory of one call: a block that is filled from its front and emptied at once. In a native
// test it is in testing/arena.c, where a sanitizer sees each piece.
#include <stddef.h>

#ifdef __wasm__

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"

/// A block that is kept from call to call has at most so much.
#define KEPT ((size_t)4 << 20)
#define LEAST ((size_t)16 << 10)

typedef struct block {
    struct block *next;
    size_t size;
} block;

/// The first is the one in use.
static block *blocks;
static size_t used;

static void add_block(size_t size) {
    block *added = ringtap_alloc(sizeof(block) + size);
    *added = (block){blocks, size};
    blocks = added;
    used = 0;
}

void *ringtap_call_alloc(size_t size) {
    if (size > SIZE_MAX / 8) {
        ringtap_panic("the plugin is out of memory");
    }
    size = (size + 7) / 8 * 8;
    if (blocks == NULL || blocks->size - used < size) {
        size_t twice = blocks == NULL ? LEAST : blocks->size * 2;
        add_block(size > twice ? size : twice);
    }
    void *memory = (unsigned char *)(blocks + 1) + used;
    used += size;
    return memory;
}

void ringtap_call_reset(void) {
    used = 0;
    if (blocks == NULL || (blocks->next == NULL && blocks->size <= KEPT)) {
        return;
    }
    // Next time, what this call needed is there in one piece.
    size_t all = 0;
    while (blocks != NULL) {
        block *next = blocks->next;
        all += blocks->size;
        free(blocks);
        blocks = next;
    }
    add_block(all > KEPT ? KEPT : all);
}

/// The host asks for memory here: for arguments before it calls, for answers of what the plugin
/// calls. A byte more makes each text a C string.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size,
                                                                size_t align, size_t size) {
    (void)align;
    unsigned char *memory = ringtap_call_alloc(size + 1);
    if (old_size > 0) {
        memcpy(memory, old, old_size < size ? old_size : size);
    }
    memory[size] = '\0';
    return memory;
}

#endif
