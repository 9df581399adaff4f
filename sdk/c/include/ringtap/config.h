/// A plugin's config: TOML with one level of keys, read key by key.
///
///     ringtap_config config;
///     ringtap_config_read(&config, text);
///     uint64_t top = ringtap_config_integer(&config, "top", 20, 1, 1000);
///     return ringtap_config_finish(&config);
///
/// The first thing that is wrong is kept and told by `finish`; until then keys have their defaults.
#ifndef RINGTAP_CONFIG_H
#define RINGTAP_CONFIG_H

#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Gone when the call ends.
typedef struct {
    /// The SDK's.
    struct ringtap_config_key *keys;
    size_t key_count;
    const char *known;
    ringtap_error error;
} ringtap_config;

/// Read the text that `init` got. Empty is valid; tables are not, nor more than 256 keys.
void ringtap_config_read(ringtap_config *config, ringtap_text text);

/// A whole number in a range, both ends included.
uint64_t ringtap_config_integer(ringtap_config *config, const char *key, uint64_t default_,
                                uint64_t least, uint64_t most);
/// A time in seconds, whole ones, in a range; in ns.
uint64_t ringtap_config_seconds(ringtap_config *config, const char *key, uint64_t default_,
                                uint64_t least, uint64_t most);
/// `true` or `false`.
bool ringtap_config_truth(ringtap_config *config, const char *key, bool default_);
/// A text, in memory of this call.
ringtap_text ringtap_config_text(ringtap_config *config, const char *key, const char *default_);

/// What was wrong first. Refuses keys that nothing asked for too: they are misspelt.
ringtap_error ringtap_config_finish(const ringtap_config *config);

#ifdef __cplusplus
}
#endif

#endif
