#include "ringtap/roles.h"

#include <string.h>

#include "call.h"
#include "host.h"

/// As `types.interest` is laid out.
typedef struct {
    ringtap_text name;
    ringtap_text filter;
    uint32_t sample_one_in;
    uint8_t sample_by;
    uint32_t payload;
} told_interest;

/// As `types.description` is laid out.
typedef struct {
    ringtap_text name;
    ringtap_text version;
    uint32_t tick_ms;
    const told_interest *interests;
    size_t interest_count;
    uint8_t has_state;
    ringtap_state_schema state;
} told_description;

/// A `result<list<u8>, string>`; a `result<_, string>` is shorter by what is not used.
typedef struct {
    uint8_t is_err;
    const void *data;
    size_t len;
} told_result;

#ifdef __wasm__
_Static_assert(sizeof(told_interest) == 28, "interest");
_Static_assert(sizeof(told_description) == 40, "description");
_Static_assert(sizeof(told_result) == 12, "result");
#endif

static told_interest told(const ringtap_interest *interest) {
    return (told_interest){
        .name = ringtap_text_of(interest->name),
        .filter = ringtap_text_of(interest->filter == NULL ? "" : interest->filter),
        .sample_one_in = interest->sample_one_in == 0 ? 1 : interest->sample_one_in,
        .sample_by = interest->sample_flows ? 1 : 0,
        .payload = interest->payload,
    };
}

const void *ringtap_describe_(const ringtap_description *description) {
    size_t count = description->interest_count;
    told_interest *interests = ringtap_call_alloc(count * sizeof *interests);
    for (size_t i = 0; i < count; i++) {
        interests[i] = told(&description->interests[i]);
    }
    told_description *answer = ringtap_call_alloc(sizeof *answer);
    *answer = (told_description){
        .name = ringtap_text_of(description->name),
        .version = ringtap_text_of(description->version),
        .tick_ms = description->tick_ms,
        .interests = interests,
        .interest_count = count,
        .has_state = description->state != NULL,
    };
    if (description->state != NULL) {
        answer->state = *description->state;
    }
    return answer;
}

static const void *result(ringtap_error error, const void *data, size_t len) {
    told_result *answer = ringtap_call_alloc(sizeof *answer);
    *answer = (told_result){0, data, len};
    if (error != NULL) {
        *answer = (told_result){1, error, strlen(error)};
    }
    return answer;
}

const void *ringtap_init_(ringtap_init init, const char *config, size_t len) {
    ringtap_error error = init((ringtap_text){config, len});
    if (error == NULL) {
        ringtap_call_end();
    }
    return result(error, NULL, 0);
}

void ringtap_tick_(ringtap_tick tick, uint64_t now_ns) {
    if (tick != NULL) {
        tick(now_ns);
    }
    ringtap_call_end();
    ringtap_call_reset();
}

ringtap_batch ringtap_batch_of_ RINGTAP_BATCH_PARAMETERS_ {
    if (record_size_ < RINGTAP_RECORD_SIZE || (uint64_t)record_size_ * count_ > records_len_) {
        ringtap_panic("the host's records are shorter than this SDK knows them");
    }
    return (ringtap_batch){
        .sequence = sequence_,
        .shed_before = shed_before_,
        .clock_offset_ns = clock_offset_ns_,
        .record_size = record_size_,
        .count = count_,
        .records = records_,
        .payload = payload_,
        .payload_len = payload_len_,
    };
}

void ringtap_on_packets_(ringtap_on_packets on_packets, const ringtap_batch *batch) {
    on_packets(batch);
    ringtap_call_end();
    ringtap_call_reset();
}

void ringtap_kept_add(ringtap_kept *kept, uint32_t number) {
    kept->bits[number / 8] |= (uint8_t)(1u << number % 8);
}

static ringtap_kept none_of(const ringtap_batch *batch) {
    size_t len = (batch->count + 7) / 8;
    ringtap_kept kept = {ringtap_call_alloc(len)};
    memset(kept.bits, 0, len);
    return kept;
}

static const void *kept_answer(const ringtap_batch *batch, ringtap_kept kept) {
    ringtap_call_end();
    ringtap_bytes *answer = ringtap_call_alloc(sizeof *answer);
    *answer = (ringtap_bytes){kept.bits, (batch->count + 7) / 8};
    return answer;
}

const void *ringtap_keep_(ringtap_keep keep, const ringtap_batch *batch) {
    ringtap_kept kept = none_of(batch);
    for (uint32_t i = 0; i < batch->count; i++) {
        if (keep(ringtap_packet_at(batch, i))) {
            ringtap_kept_add(&kept, i);
        }
    }
    return kept_answer(batch, kept);
}

const void *ringtap_keep_batch_(ringtap_keep_batch keep, const ringtap_batch *batch) {
    ringtap_kept kept = none_of(batch);
    keep(batch, &kept);
    return kept_answer(batch, kept);
}

void ringtap_on_events_(ringtap_on_events on_events, const ringtap_received *rows, size_t count) {
    on_events(rows, count);
    ringtap_call_end();
    ringtap_call_reset();
}

const void *ringtap_save_(ringtap_save save) {
    ringtap_writer saved = {NULL, 0, 0};
    ringtap_error error = save(&saved);
    ringtap_call_end();
    return result(error, saved.data, saved.len);
}

const void *ringtap_restore_(ringtap_restore restore, uint32_t schema, const uint8_t *saved,
                             size_t len) {
    ringtap_reader reader = {saved, len, false};
    ringtap_error error = restore(schema, &reader);
    ringtap_call_end();
    return result(error, NULL, 0);
}

void ringtap_returned_(const void *answer) {
    (void)answer;
    ringtap_call_reset();
}
