/// What a plugin may call beside metrics and events. Each is a host call: keep the answer. What the
/// code reaches is what the plugin imports, and that is what the operator reads.
#ifndef RINGTAP_CAPABILITIES_H
#define RINGTAP_CAPABILITIES_H

#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Write a line into the operator's log, under the plugin's name: at once, also when the call fails
/// later. The host keeps at most 1 KiB of it.
void ringtap_debug(const char *line);
void ringtap_info(const char *line);
void ringtap_warn(const char *line);
void ringtap_log_error(const char *line);

/// Unix time in ns. In replay the time of the capture, which stands still during a call.
uint64_t ringtap_now_ns(void);

/// Name of the interface that `ringtap_packet_ifindex` tells, as it is called now; the last one it
/// had, where it is gone. False where there was never one. In memory of this call.
bool ringtap_interface_name(uint32_t ifindex, ringtap_text *out);

/// A number that nobody can foretell, for hash seeds and samples, not for secrets. In a
/// deterministic replay, and in tests, the same ones in every run.
uint64_t ringtap_random(void);

/// A small store of the plugin's own, which outlives its instances and the runtime. Not granted
/// unless the operator says so (`kv` in the plugin's `grants`): a plugin that calls any of this is
/// refused without. Keys have 1 to 256 bytes, values at most 64 KiB. What a call sets or deletes is
/// kept when it returns. In replay the store starts empty and is not kept.

/// The value of a key, what this call set included, in memory of this call. False where there is
/// none.
bool ringtap_kv_get(const char *key, ringtap_bytes *out);
/// Give a key a value. Refused beyond a bound: of the key, the value or the store.
ringtap_error ringtap_kv_set(const char *key, ringtap_bytes value);
/// Drop a key and its value. Nothing happens where there is no such key.
void ringtap_kv_delete(const char *key);

/// Texts, in memory of this call.
typedef struct {
    const ringtap_text *items;
    size_t len;
} ringtap_texts;

/// Keys that start with `prefix`, in the order of their bytes; all of them with an empty one.
ringtap_texts ringtap_kv_keys(const char *prefix);

#ifdef __cplusplus
}
#endif

#endif
