// `malloc` and `free`: a free list for each of about a hundred sizes, and nothing is ever joined or
// split. Every call takes constant time, and at most a quarter of a block is not used. What a
// plugin frees is there for what has the same size class.
#include <stddef.h>

#ifdef __wasm__

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// 32 bytes to 64 MiB and beyond, four steps to each doubling.
#define CLASSES 108u
#define PAGE 65536u

/// What stands in front of a block that is in use, and in one that is free.
typedef struct head {
    size_t class;
    struct head *next;
} head;

/// Bytes of a head that stay when the block is in use.
#define HEAD 8u

static head *free_blocks[CLASSES];
static uintptr_t unused;
static uintptr_t end;

/// With the head.
static size_t size_of(size_t class) {
    return (size_t)(4 + class % 4) << (class / 4 + 3);
}

static size_t class_of(size_t size) {
    if (size <= 32) {
        return 0;
    }
    size_t doubling = 31 - (size_t)__builtin_clz((unsigned)(size - 1));
    size_t step = ((size - 1) >> (doubling - 2)) & 3;
    return (doubling - 5) * 4 + step + 1;
}

static head *fresh(size_t size) {
    extern unsigned char __heap_base[];
    if (unused == 0) {
        unused = ((uintptr_t)__heap_base + 7) / 8 * 8;
        end = __builtin_wasm_memory_size(0) * PAGE;
    }
    if (end - unused < size) {
        size_t pages = (size - (end - unused) + PAGE - 1) / PAGE;
        if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) {
            return NULL;
        }
        end += pages * PAGE;
    }
    head *block = (head *)unused;
    unused += size;
    return block;
}

void *malloc(size_t size) {
    if (size > SIZE_MAX / 8) {
        return NULL;
    }
    size_t class = class_of(size + HEAD);
    head *block = free_blocks[class];
    if (block != NULL) {
        free_blocks[class] = block->next;
    } else {
        block = fresh(size_of(class));
        if (block == NULL) {
            return NULL;
        }
        block->class = class;
    }
    return (unsigned char *)block + HEAD;
}

static head *head_of(void *memory) {
    return (head *)(void *)((unsigned char *)memory - HEAD);
}

void free(void *memory) {
    if (memory != NULL) {
        head *block = head_of(memory);
        block->next = free_blocks[block->class];
        free_blocks[block->class] = block;
    }
}

void *calloc(size_t count, size_t size) {
    size_t all;
    if (__builtin_mul_overflow(count, size, &all)) {
        return NULL;
    }
    void *memory = malloc(all);
    return memory == NULL ? NULL : memset(memory, 0, all);
}

void *realloc(void *memory, size_t size) {
    if (memory == NULL) {
        return malloc(size);
    }
    size_t room = size_of(head_of(memory)->class) - HEAD;
    if (size <= room) {
        return memory;
    }
    void *larger = malloc(size);
    if (larger != NULL) {
        memcpy(larger, memory, room);
        free(memory);
    }
    return larger;
}

#endif
