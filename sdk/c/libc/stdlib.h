/// What the SDK has of <stdlib.h>. Memory is aligned to 8.
#ifndef RINGTAP_LIBC_STDLIB_H
#define RINGTAP_LIBC_STDLIB_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t size);
void free(void *memory);
__attribute__((noreturn)) void abort(void);

#ifdef __cplusplus
}
#endif

#endif
