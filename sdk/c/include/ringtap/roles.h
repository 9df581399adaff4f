/// What the host calls. A plugin names its functions with the macros at the end, once each:
///
///     RINGTAP_EXPORT_LIFECYCLE(&description, init, tick, stop)
///     RINGTAP_EXPORT_AGGREGATE(on_packets)
///     RINGTAP_EXPORT_STATE(save, restore)
///
/// Calls never overlap, and each has a deadline in CPU time. What a call does to metrics and events
/// takes effect when it returns; one that panics or overruns leaves no trace there and ends the
/// instance.
#ifndef RINGTAP_ROLES_H
#define RINGTAP_ROLES_H

#include "ringtap/packet.h"
#include "ringtap/state.h"
#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Packets that a plugin wants to see. The operator may narrow it and never widens it.
typedef struct {
    /// For people: 1 to 64 characters of `a-z 0-9 _ -`, unique within the plugin.
    const char *name;
    /// In pcap-filter's language, as in tcpdump; empty or NULL for every packet. It is evaluated in
    /// the kernel, so a packet that no plugin wants costs little.
    const char *filter;
    /// Keep one in so many of those packets, up to 1,000,000; 0 and 1 keep all.
    uint32_t sample_one_in;
    /// Sample whole flows, in both directions, and not packets by chance. Interests of one plugin
    /// all do the one or the other.
    bool sample_flows;
    /// Bytes of each packet from behind its headers, 0 to 1,500. The operator has to grant them, or
    /// the plugin is refused.
    uint32_t payload;
} ringtap_interest;

/// Forms of the state of a plugin, which its author numbers.
typedef struct {
    /// The form that `save` writes.
    uint32_t writes;
    /// The oldest form that `restore` takes; it takes those from here to `writes`.
    uint32_t reads_from;
} ringtap_state_schema;

/// What a plugin says about itself. Constant: it is asked on an instance of its own, before
/// anything else.
typedef struct {
    /// For people, 1 to 64 characters; the host calls the plugin by its file.
    const char *name;
    const char *version;
    /// Call `tick` this often; 0 never. The host rounds up to 10 ms.
    uint32_t tick_ms;
    /// At most 64. None is every packet, headers only; a plugin that takes no packets has none.
    const ringtap_interest *interests;
    size_t interest_count;
    /// For a plugin that exports state, and for no other.
    const ringtap_state_schema *state;
} ringtap_description;

/// Called once, first. `config` is the text of NAME.toml beside NAME.wasm, or empty. An error
/// refuses the plugin and is shown to the operator.
typedef ringtap_error (*ringtap_init)(ringtap_text config);
/// Called about every `tick_ms`, between batches; missed ticks are not made up for.
typedef void (*ringtap_tick)(uint64_t now_ns);
/// Called once, last: emit what is still held. Not called after a panic, nor where `save` has
/// handed on what is held.
typedef void (*ringtap_stop)(uint64_t now_ns);

/// Called with each batch, 1 to 1024 packets.
typedef void (*ringtap_on_packets)(const ringtap_batch *batch);

/// Called with each packet, in the order of its batch: whether it goes on to the plugins whose
/// `input` this plugin is.
typedef bool (*ringtap_keep)(ringtap_packet packet);

/// Which packets of a batch go on; none, in the beginning.
typedef struct {
    uint8_t *bits;
} ringtap_kept;

/// Let the packet of that number go on, from 0 and below the batch's count.
void ringtap_kept_add(ringtap_kept *kept, uint32_t number);

/// Called with each batch: a filter that wants to know more than one packet at a time.
typedef void (*ringtap_keep_batch)(const ringtap_batch *batch, ringtap_kept *kept);

/// An event of another plugin.
typedef struct {
    /// The plugin that emitted it, as the host calls it.
    ringtap_text plugin;
    ringtap_event event;
} ringtap_received;

/// Called with 1 to 1024 events; those of one plugin are in the order in which it emitted them.
typedef void (*ringtap_on_events)(const ringtap_received *rows, size_t count);

/// Write what the next version gets. Where that one takes over, this is the last call of this
/// instance; where it fails, this instance goes on, so leave in place what you save. What is done
/// through capabilities is undone. An error keeps this version.
typedef ringtap_error (*ringtap_save)(ringtap_writer *out);
/// Called at most once, between `init` and all other calls, with what the predecessor saved, in a
/// form from `reads_from` to `writes`. An error refuses this version, and the predecessor goes on.
typedef ringtap_error (*ringtap_restore)(uint32_t schema, ringtap_reader *saved);

/// Use the macros.
const void *ringtap_describe_(const ringtap_description *description);
const void *ringtap_init_(ringtap_init init, const char *config, size_t len);
void ringtap_tick_(ringtap_tick tick, uint64_t now_ns);
void ringtap_on_packets_(ringtap_on_packets on_packets, const ringtap_batch *batch);
const void *ringtap_keep_(ringtap_keep keep, const ringtap_batch *batch);
const void *ringtap_keep_batch_(ringtap_keep_batch keep, const ringtap_batch *batch);
void ringtap_on_events_(ringtap_on_events on_events, const ringtap_received *rows, size_t count);
const void *ringtap_save_(ringtap_save save);
const void *ringtap_restore_(ringtap_restore restore, uint32_t schema, const uint8_t *saved,
                             size_t len);
void ringtap_returned_(const void *answer);

#ifdef __cplusplus
}
#define RINGTAP_C_ extern "C"
#else
#define RINGTAP_C_
#endif

#ifdef __wasm__
#define RINGTAP_NAMED_(name) __attribute__((export_name(name)))
#else
#define RINGTAP_NAMED_(name)
#endif

/// An export of an interface whose answer lies in memory, and what the host calls when it has read
/// that.
#define RINGTAP_ANSWERS_(interface, name, symbol, parameters, body)      \
    RINGTAP_C_ const void *ringtap_export_##symbol parameters;           \
    RINGTAP_C_ void ringtap_post_##symbol(const void *answer_);          \
    RINGTAP_NAMED_("ringtap:plugin/" interface "@0.1.0#" name)           \
    const void *ringtap_export_##symbol parameters {                     \
        return body;                                                     \
    }                                                                    \
    RINGTAP_NAMED_("cabi_post_ringtap:plugin/" interface "@0.1.0#" name) \
    void ringtap_post_##symbol(const void *answer_) {                    \
        ringtap_returned_(answer_);                                      \
    }

/// An export of an interface without an answer.
#define RINGTAP_TAKES_(interface, name, symbol, parameters, body) \
    RINGTAP_C_ void ringtap_export_##symbol parameters;           \
    RINGTAP_NAMED_("ringtap:plugin/" interface "@0.1.0#" name)    \
    void ringtap_export_##symbol parameters {                     \
        body;                                                     \
    }

/// How the parameters of `aggregate.on-packets` and `filter.keep` arrive.
#define RINGTAP_BATCH_PARAMETERS_                                                                \
    (uint64_t sequence_, uint64_t shed_before_, int64_t clock_offset_ns_, uint32_t record_size_, \
     uint32_t count_, const uint8_t *records_, size_t records_len_, const uint8_t *payload_,     \
     size_t payload_len_)

/// Use the macros: the batch of those parameters. Panics where the records are shorter than the
/// layout that this SDK knows or fewer than they say, which no host that takes the plugin hands
/// over.
RINGTAP_C_ ringtap_batch ringtap_batch_of_ RINGTAP_BATCH_PARAMETERS_;

#define RINGTAP_BATCH_                                                                           \
    ringtap_batch_of_(sequence_, shed_before_, clock_offset_ns_, record_size_, count_, records_, \
                      records_len_, payload_, payload_len_)

/// Required of every plugin. `tick` and `stop` may be NULL.
#define RINGTAP_EXPORT_LIFECYCLE(description_, init_, tick_, stop_)                              \
    RINGTAP_ANSWERS_("lifecycle", "describe", describe, (void), ringtap_describe_(description_)) \
    RINGTAP_ANSWERS_("lifecycle", "init", init, (const char *config_, size_t len_),              \
                     ringtap_init_(init_, config_, len_))                                        \
    RINGTAP_TAKES_("lifecycle", "tick", tick, (uint64_t now_ns_), ringtap_tick_(tick_, now_ns_)) \
    RINGTAP_TAKES_("lifecycle", "stop", stop, (uint64_t now_ns_), ringtap_tick_(stop_, now_ns_))

/// A plugin that uses two of the next four defines this twice, which the compiler refuses.
#define RINGTAP_ONE_ROLE_ enum { ringtap_a_plugin_has_one_of_aggregate_filter_and_exporter };

/// The role that takes packets.
#define RINGTAP_EXPORT_AGGREGATE(on_packets_)                            \
    RINGTAP_ONE_ROLE_                                                    \
    RINGTAP_C_ void ringtap_export_on_packets RINGTAP_BATCH_PARAMETERS_; \
    RINGTAP_NAMED_("ringtap:plugin/aggregate@0.1.0#on-packets")          \
    void ringtap_export_on_packets RINGTAP_BATCH_PARAMETERS_ {           \
        ringtap_batch batch_ = RINGTAP_BATCH_;                           \
        ringtap_on_packets_(on_packets_, &batch_);                       \
    }

/// The role that takes packets and says of each whether it goes on.
#define RINGTAP_EXPORT_FILTER(keep_) RINGTAP_FILTER_(ringtap_keep_, keep_)
/// As `RINGTAP_EXPORT_FILTER`, of a `ringtap_keep_batch`.
#define RINGTAP_EXPORT_FILTER_BATCH(keep_) RINGTAP_FILTER_(ringtap_keep_batch_, keep_)

#define RINGTAP_FILTER_(call, keep_)                                      \
    RINGTAP_ONE_ROLE_                                                     \
    RINGTAP_C_ const void *ringtap_export_keep RINGTAP_BATCH_PARAMETERS_; \
    RINGTAP_C_ void ringtap_post_keep(const void *answer_);               \
    RINGTAP_NAMED_("ringtap:plugin/filter@0.1.0#keep")                    \
    const void *ringtap_export_keep RINGTAP_BATCH_PARAMETERS_ {           \
        ringtap_batch batch_ = RINGTAP_BATCH_;                            \
        return call(keep_, &batch_);                                      \
    }                                                                     \
    RINGTAP_NAMED_("cabi_post_ringtap:plugin/filter@0.1.0#keep")          \
    void ringtap_post_keep(const void *answer_) {                         \
        ringtap_returned_(answer_);                                       \
    }

/// The role that takes the events of the plugins that are configured as its `input`.
#define RINGTAP_EXPORT_EXPORTER(on_events_)                        \
    RINGTAP_ONE_ROLE_                                              \
    RINGTAP_TAKES_("exporter", "on-events", on_events,             \
                   (const ringtap_received *rows_, size_t count_), \
                   ringtap_on_events_(on_events_, rows_, count_))

/// The role that hands what the plugin knows to the version that replaces it, beside any other.
#define RINGTAP_EXPORT_STATE(save_, restore_)                                \
    RINGTAP_ANSWERS_("state", "save", save, (void), ringtap_save_(save_))    \
    RINGTAP_ANSWERS_("state", "restore", restore,                            \
                     (uint32_t schema_, const uint8_t *saved_, size_t len_), \
                     ringtap_restore_(restore_, schema_, saved_, len_))

#endif
