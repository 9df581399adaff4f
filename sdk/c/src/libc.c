// What clang expects of a freestanding environment, and a little more. On any other target than
// WebAssembly, where tests run, the system's is used.
#include <stddef.h>

#ifdef __wasm__

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// WebAssembly has instructions for these three, which runtimes make calls of: below so many bytes,
// a loop is faster by far. -ffreestanding keeps clang from making a call of the loop again.
#define SMALL 128u

static uint64_t word_at(const unsigned char *at) {
    uint64_t word;
    __builtin_memcpy(&word, at, 8);
    return word;
}

static void copy_forward(unsigned char *to, const unsigned char *from, size_t len) {
    for (; len >= 8; to += 8, from += 8, len -= 8) {
        uint64_t word = word_at(from);
        __builtin_memcpy(to, &word, 8);
    }
    for (; len > 0; len--) {
        *to++ = *from++;
    }
}

void *memcpy(void *to, const void *from, size_t len) {
    if (len > SMALL) {
        return __builtin_memcpy(to, from, len);
    }
    copy_forward(to, from, len);
    return to;
}

void *memmove(void *to, const void *from, size_t len) {
    if (len > SMALL) {
        return __builtin_memmove(to, from, len);
    }
    // What is written lies before what is still to be read, or nowhere near it.
    if ((uintptr_t)to - (uintptr_t)from >= len) {
        copy_forward(to, from, len);
        return to;
    }
    unsigned char *end = to;
    const unsigned char *from_end = from;
    while (len > 0) {
        len--;
        end[len] = from_end[len];
    }
    return to;
}

void *memset(void *to, int byte, size_t len) {
    if (len > SMALL) {
        return __builtin_memset(to, byte, len);
    }
    unsigned char *at = to;
    for (; len > 0; len--) {
        *at++ = (unsigned char)byte;
    }
    return to;
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
    for (; len >= 8 && word_at(a) == word_at(b); a += 8, b += 8) {
        len -= 8;
    }
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
