// What clang expects of a freestanding environment, and a little more. On any other target than
// WebAssembly, where tests run, the system's is used.
#include <stddef.h>

#ifdef __wasm__

#include <stdlib.h>
#include <string.h>

// These three are single instructions with -mbulk-memory.
void *memcpy(void *to, const void *from, size_t len) {
    return __builtin_memcpy(to, from, len);
}

void *memmove(void *to, const void *from, size_t len) {
    return __builtin_memmove(to, from, len);
}

void *memset(void *to, int byte, size_t len) {
    return __builtin_memset(to, byte, len);
}

void *memchr(const void *in, int byte, size_t len) {
    const unsigned char *at = in;
    for (; len > 0; at++, len--) {
        if (*at == (unsigned char)byte) {
            return (void *)at;
        }
    }
    return NULL;
}

int memcmp(const void *left, const void *right, size_t len) {
    const unsigned char *a = left;
    const unsigned char *b = right;
    for (; len > 0; a++, b++, len--) {
        if (*a != *b) {
            return *a - *b;
        }
    }
    return 0;
}

// -ffreestanding keeps clang from making a call of `strlen` out of the loop.
size_t strlen(const char *string) {
    const char *end = string;
    while (*end != '\0') {
        end++;
    }
    return (size_t)(end - string);
}

int strncmp(const char *left, const char *right, size_t len) {
    for (; len > 0; left++, right++, len--) {
        if (*left != *right || *left == '\0') {
            return (unsigned char)*left - (unsigned char)*right;
        }
    }
    return 0;
}

int strcmp(const char *left, const char *right) {
    return strncmp(left, right, (size_t)-1);
}

char *strchr(const char *string, int byte) {
    for (; *string != (char)byte; string++) {
        if (*string == '\0') {
            return NULL;
        }
    }
    return (char *)string;
}

void abort(void) {
    __builtin_trap();
}

#endif
