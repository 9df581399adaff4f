// The SDK's part of a C library, held against the system's.
#include "ringtap/testing.h"

void *our_memcpy(void *to, const void *from, size_t len);
void *our_memmove(void *to, const void *from, size_t len);
void *our_memset(void *to, int byte, size_t len);
void *our_memchr(const void *in, int byte, size_t len);
int our_memcmp(const void *left, const void *right, size_t len);
size_t our_strlen(const char *string);
int our_strcmp(const char *left, const char *right);
int our_strncmp(const char *left, const char *right, size_t len);
char *our_strchr(const char *string, int byte);
__attribute__((noreturn)) void our_abort(void);

#define memcpy our_memcpy
#define memmove our_memmove
#define memset our_memset
#define memchr our_memchr
#define memcmp our_memcmp
#define strlen our_strlen
#define strcmp our_strcmp
#define strncmp our_strncmp
#define strchr our_strchr
#define abort our_abort
#define __wasm__
#include "../src/libc.c"
#undef memcpy
#undef memmove
#undef memset
#undef memchr
#undef memcmp
#undef strlen
#undef strcmp
#undef strncmp
#undef strchr
#undef abort

#define LEN 300

static unsigned char ours[LEN];
static unsigned char theirs[LEN];

static void fill(void) {
    for (size_t i = 0; i < LEN; i++) {
        ours[i] = theirs[i] = (unsigned char)(i * 7 + i / 256);
    }
}

RINGTAP_TEST(copies_are_the_systems_for_every_size_and_overlap) {
    for (size_t len = 0; len < 140; len++) {
        for (size_t from = 0; from < 20; from++) {
            fill();
            RINGTAP_CHECK(our_memmove(ours + 10, ours + from, len) == ours + 10);
            memmove(theirs + 10, theirs + from, len);
            RINGTAP_CHECK(memcmp(ours, theirs, LEN) == 0);
        }
        fill();
        our_memcpy(ours + 150, ours, len);
        memcpy(theirs + 150, theirs, len);
        our_memset(ours, (int)len, len);
        memset(theirs, (int)len, len);
        RINGTAP_CHECK(memcmp(ours, theirs, LEN) == 0);
    }
}

static int sign(int number) {
    return (number > 0) - (number < 0);
}

RINGTAP_TEST(comparisons_are_the_systems) {
    for (size_t len = 0; len < 40; len++) {
        for (size_t place = 0; place < 40; place++) {
            fill();
            RINGTAP_CHECK(our_memcmp(ours, theirs, len) == 0);
            theirs[place] = 0xff;
            RINGTAP_CHECK(sign(our_memcmp(ours, theirs, len)) == sign(memcmp(ours, theirs, len)));
            RINGTAP_CHECK(our_memchr(theirs, 0xff, len) == memchr(theirs, 0xff, len));
        }
    }
    static const char *const strings[] = {"", "a", "ab", "abc", "b", "\xff", "ab\xff"};
    for (size_t i = 0; i < 7; i++) {
        RINGTAP_CHECK(our_strlen(strings[i]) == strlen(strings[i]));
        RINGTAP_CHECK(our_strchr(strings[i], 'b') == strchr(strings[i], 'b'));
        RINGTAP_CHECK(our_strchr(strings[i], '\0') == strchr(strings[i], '\0'));
        for (size_t j = 0; j < 7; j++) {
            int order = strcmp(strings[i], strings[j]);
            RINGTAP_CHECK(sign(our_strcmp(strings[i], strings[j])) == sign(order));
            order = strncmp(strings[i], strings[j], 2);
            RINGTAP_CHECK(sign(our_strncmp(strings[i], strings[j], 2)) == sign(order));
        }
    }
}
