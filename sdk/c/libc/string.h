/// What the SDK has of <string.h>.
#ifndef RINGTAP_LIBC_STRING_H
#define RINGTAP_LIBC_STRING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
void *memchr(const void *in, int byte, size_t len);
int memcmp(const void *left, const void *right, size_t len);
size_t strlen(const char *string);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t len);
char *strchr(const char *string, int byte);

#ifdef __cplusplus
}
#endif

#endif
