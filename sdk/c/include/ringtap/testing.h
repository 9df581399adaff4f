/// Run a plugin natively in a test, with a host that keeps what it is told. Compile the plugin, its
/// tests, the SDK's `src/*.c` and `testing/*.c` with any C compiler into one program:
///
///     RINGTAP_TEST(bytes_are_counted) {
///         RINGTAP_CHECK(ringtap_test_start("") == NULL);
///         ringtap_test_record packet = ringtap_test_udp("10.0.0.1:5000", "10.0.0.2:53");
///         ringtap_test_packets(&packet, 1);
///         RINGTAP_CHECK(ringtap_test_metric("bytes_total", NULL) == 100);
///     }
///
/// Each test runs in a process of its own, so what the plugin keeps in variables is fresh.
#ifndef RINGTAP_TESTING_H
#define RINGTAP_TESTING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ringtap.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A test: a function without parameters that ends when all is well.
#define RINGTAP_TEST(name)                                            \
    static void name(void);                                           \
    __attribute__((constructor)) static void name##_is_a_test(void) { \
        ringtap_test_add(#name, name);                                \
    }                                                                 \
    static void name(void)

/// Fail unless it is so.
#define RINGTAP_CHECK(condition)                                            \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

/// Fail unless two C strings are the same; NULL is none.
#define RINGTAP_CHECK_TEXT(found, expected)                                                \
    do {                                                                                   \
        const char *found_ = (found);                                                      \
        if (found_ == NULL || strcmp(found_, expected) != 0) {                             \
            fprintf(stderr, "%s:%d: %s is\n%s\nand not\n%s\n", __FILE__, __LINE__, #found, \
                    found_ == NULL ? "NULL" : found_, expected);                           \
            exit(1);                                                                       \
        }                                                                                  \
    } while (0)

/// Fail unless the statement panics with these words.
#define RINGTAP_CHECK_PANICS(statement, words)               \
    do {                                                     \
        if (ringtap_test_begin_panic()) {                    \
            statement;                                       \
            exit(0);                                         \
        }                                                    \
        RINGTAP_CHECK_TEXT(ringtap_test_end_panic(), words); \
    } while (0)

void ringtap_test_add(const char *name, void (*test)(void));
bool ringtap_test_begin_panic(void);
const char *ringtap_test_end_panic(void);

/// A packet: 100 bytes on interface 1, in a capture, at time 0, wanted by the plugin's first
/// interest, not sampled and without payload, unless said otherwise.
typedef struct {
    uint8_t bytes[RINGTAP_RECORD_SIZE];
    /// What stands behind its headers, which some interest asked for and was granted.
    ringtap_bytes payload;
} ringtap_test_record;

/// A frame that is no IP.
ringtap_test_record ringtap_test_frame(void);
/// An IP packet of a protocol, between two addresses.
ringtap_test_record ringtap_test_ip(const char *src, const char *dst, uint8_t protocol);
/// A packet between two sockets such as `10.0.0.1:80` or `[fc00::1]:80`.
ringtap_test_record ringtap_test_tcp(const char *src, const char *dst, uint16_t flags);
ringtap_test_record ringtap_test_udp(const char *src, const char *dst);
/// Set a field of `layout.packet` by its name, with underscores. Fails if there is none or the
/// value is too large for it.
void ringtap_test_set(ringtap_test_record *record, const char *field, uint64_t value);
/// Set bits of `marks`.
void ringtap_test_mark(ringtap_test_record *record, uint32_t marks);

/// Start the plugin. A second time, on the same host, it is a version that replaces the first one;
/// what that has in its own variables is still there, so `init` has to set all of them.
ringtap_error ringtap_test_start(const char *config);
/// Hand over a batch.
void ringtap_test_packets(const ringtap_test_record *records, uint32_t count);
/// Hand over a batch, and ask which of its packets go on.
void ringtap_test_keep(const ringtap_test_record *records, uint32_t count, bool *kept);
/// Hand over events.
void ringtap_test_events(const ringtap_received *rows, size_t count);
/// Set the clock, and call `tick` or `stop`.
void ringtap_test_tick(uint64_t now_ns);
void ringtap_test_stop(uint64_t now_ns);
/// What `save` answers, which lasts until the process ends.
ringtap_error ringtap_test_save(ringtap_bytes *saved);
ringtap_error ringtap_test_restore(uint32_t schema, ringtap_bytes saved);
/// A call of the plugin ends here, in a test that calls the SDK by itself.
void ringtap_test_end_call(void);

/// Give an interface a name.
void ringtap_test_name_interface(uint32_t ifindex, const char *name);
/// Refuse all events, or to store anything, from now on, or take them again.
void ringtap_test_refuse_events(bool refuse);
void ringtap_test_refuse_kv(bool refuse);
/// Give no more series than this; what is beyond goes into overflow series.
void ringtap_test_limit_series(size_t most);

/// Sum of a counter or histogram, or value of a gauge: its name, then names and values of its
/// labels in any order, then NULL. NaN if there is no such series.
double ringtap_test_metric(const char *name, ...) __attribute__((sentinel));
/// How many series have that name.
size_t ringtap_test_series(const char *name);
/// Events since this was last asked, a line each: the time, the kind, and the fields as
/// `name=value`.
const char *ringtap_test_told(void);
/// Lines of the log since this was last asked, each as `info: line`.
const char *ringtap_test_logged(void);
/// How often the host was called with values of metrics or with events.
size_t ringtap_test_host_calls(void);

#ifdef __cplusplus
}
#endif

#endif
