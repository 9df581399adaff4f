// The allocator of WebAssembly, on memory that grows as WebAssembly's does.
#include "ringtap/testing.h"

#define PAGES 1024
#define malloc heap_malloc
#define calloc heap_calloc
#define realloc heap_realloc
#define free heap_free

_Alignas(65536) unsigned char __heap_base[PAGES * 65536u];
static size_t page_count = 1;

static size_t first_page(void) {
    return (uintptr_t)__heap_base / 65536;
}

static size_t grow(size_t by) {
    if (page_count + by > PAGES) {
        return SIZE_MAX;
    }
    page_count += by;
    return first_page() + page_count - by;
}

#define __builtin_wasm_memory_size(memory) (first_page() + page_count)
#define __builtin_wasm_memory_grow(memory, by) grow(by)
#define __wasm__
void *heap_malloc(size_t size);
void *heap_calloc(size_t count, size_t size);
void *heap_realloc(void *memory, size_t size);
void heap_free(void *memory);
#include "../src/heap.c"

RINGTAP_TEST(every_size_has_room_and_is_aligned) {
    for (size_t size = 0; size < 5000; size++) {
        unsigned char *memory = malloc(size);
        RINGTAP_CHECK(memory != NULL && (uintptr_t)memory % 8 == 0);
        memset(memory, (int)size, size);
        RINGTAP_CHECK(size_of(class_of(size + HEAD)) >= size + HEAD);
        RINGTAP_CHECK(size <= 24 || size_of(class_of(size + HEAD)) <= (size + HEAD) * 5 / 4 + 8);
        free(memory);
    }
}

RINGTAP_TEST(what_is_freed_is_used_again) {
    void *first = malloc(100);
    free(first);
    RINGTAP_CHECK(malloc(97) == first);
    size_t before = page_count;
    for (int i = 0; i < 100000; i++) {
        void *memory = malloc(1 << 20);
        RINGTAP_CHECK(memory != NULL);
        free(memory);
    }
    RINGTAP_CHECK(page_count <= before + 21);
}

RINGTAP_TEST(blocks_do_not_overlap) {
    static unsigned char *blocks[1000];
    static size_t sizes[1000];
    uint32_t seed = 1;
    for (size_t i = 0; i < 100000; i++) {
        seed = seed * 1664525 + 1013904223;
        size_t place = seed >> 8 & 511;
        for (size_t j = 0; blocks[place] != NULL && j < sizes[place]; j++) {
            RINGTAP_CHECK(blocks[place][j] == (unsigned char)place);
        }
        sizes[place] = seed >> 20 & 1023;
        if ((seed & 128) != 0) {
            blocks[place] = realloc(blocks[place], sizes[place]);
        } else {
            free(blocks[place]);
            blocks[place] = calloc(sizes[place], 1);
        }
        RINGTAP_CHECK(blocks[place] != NULL);
        memset(blocks[place], (int)place, sizes[place]);
    }
}

RINGTAP_TEST(what_there_is_no_memory_for_is_null) {
    RINGTAP_CHECK(malloc(SIZE_MAX) == NULL && malloc((size_t)PAGES * 65536) == NULL);
    RINGTAP_CHECK(calloc(SIZE_MAX, 2) == NULL);
    void *kept = malloc(10);
    RINGTAP_CHECK(realloc(kept, (size_t)PAGES * 65536) == NULL && malloc(10) != kept);
}
