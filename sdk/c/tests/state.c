// A plugin that counts, with a state, ticks, a log and a store.
#include "ringtap/testing.h"

static uint64_t records;
static ringtap_counter *counted;

static const ringtap_state_schema schema = {.writes = 2, .reads_from = 1};
static const ringtap_description description = {
    .name = "state", .version = "1.0.0", .tick_ms = 1000, .state = &schema};

static ringtap_error init(ringtap_text config) {
    ringtap_report_panics();
    ringtap_info(ringtap_concat("config: ", config.data));
    if (ringtap_text_is(config, "refuse")) {
        return "told to refuse";
    }
    return ringtap_counter_new(&counted, "records_total", "Records.", NULL, 0);
}

static void on_packets(const ringtap_batch *batch) {
    records += batch->count;
    ringtap_counter_add(counted, batch->count);
}

static void tick(uint64_t now_ns) {
    ringtap_row *row = ringtap_row_new("tick", now_ns);
    ringtap_text name;
    ringtap_row_text(row, "name", ringtap_interface_name(1, &name) ? name.data : "none");
    ringtap_row_truth(row, "named", ringtap_interface_name(2, &name));
    ringtap_row_truth(row, "now", ringtap_now_ns() == now_ns);
    uint64_t random = ringtap_random();
    ringtap_row_truth(row, "random", random != ringtap_random());
    ringtap_row_emit(row);
}

static ringtap_error save(ringtap_writer *out) {
    if (records == 0) {
        return "nothing was seen";
    }
    ringtap_write_u64(out, records);
    ringtap_write_u8(out, 1);
    ringtap_write_u16(out, 2);
    ringtap_write_u32(out, 3);
    ringtap_write_i64(out, -4);
    ringtap_write_float(out, 0.5);
    ringtap_write_bytes(out, "abc", 3);
    return NULL;
}

static ringtap_error restore(uint32_t from, ringtap_reader *saved) {
    records = ringtap_read_u64(saved);
    uint8_t u8 = ringtap_read_u8(saved);
    uint16_t u16 = ringtap_read_u16(saved);
    uint32_t u32 = ringtap_read_u32(saved);
    int64_t i64 = ringtap_read_i64(saved);
    double f64 = ringtap_read_float(saved);
    char abc[3];
    ringtap_read_bytes(saved, abc, 3);
    bool is_right = u8 == 1 && u16 == 2 && u32 == 3 && i64 == -4 && f64 == 0.5 && from == 2;
    return is_right && memcmp(abc, "abc", 3) == 0 && ringtap_reader_is_done(saved)
               ? NULL
               : "the saved state is damaged";
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, tick, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)
RINGTAP_EXPORT_STATE(save, restore)

RINGTAP_TEST(a_life) {
    RINGTAP_CHECK(ringtap_test_start("x") == NULL);
    RINGTAP_CHECK_TEXT(ringtap_test_logged(), "info: config: x\n");
    ringtap_test_name_interface(1, "eth0");
    ringtap_test_record packets[] = {ringtap_test_frame(), ringtap_test_frame()};
    ringtap_test_packets(packets, 2);
    RINGTAP_CHECK(ringtap_test_metric("records_total", NULL) == 2);
    ringtap_test_tick(9);
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "9 tick name=eth0 named=false now=true random=true\n");
    ringtap_test_stop(10);
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "");
}

RINGTAP_TEST(a_refusal_is_told) {
    RINGTAP_CHECK_TEXT(ringtap_test_start("refuse"), "told to refuse");
}

RINGTAP_TEST(state_is_handed_on_and_held_against_its_form) {
    RINGTAP_CHECK(ringtap_test_start("") == NULL);
    ringtap_bytes saved;
    RINGTAP_CHECK_TEXT(ringtap_test_save(&saved), "nothing was seen");
    ringtap_test_record packet = ringtap_test_frame();
    ringtap_test_packets(&packet, 1);
    RINGTAP_CHECK(ringtap_test_save(&saved) == NULL && saved.len == 34);
    records = 0;
    RINGTAP_CHECK(ringtap_test_restore(2, saved) == NULL && records == 1);
    for (size_t len = 0; len < saved.len; len++) {
        ringtap_bytes cut = {saved.data, len};
        RINGTAP_CHECK_TEXT(ringtap_test_restore(2, cut), "the saved state is damaged");
    }
    ringtap_bytes longer = {saved.data, saved.len + 1};
    RINGTAP_CHECK_TEXT(ringtap_test_restore(2, longer), "the saved state is damaged");
}

RINGTAP_TEST(a_store_keeps_what_it_is_given) {
    ringtap_bytes value = {(const uint8_t *)"two", 3};
    ringtap_bytes found;
    RINGTAP_CHECK(!ringtap_kv_get("a", &found));
    RINGTAP_CHECK(ringtap_kv_set("b/2", value) == NULL);
    RINGTAP_CHECK(ringtap_kv_set("b/1", (ringtap_bytes){NULL, 0}) == NULL);
    RINGTAP_CHECK(ringtap_kv_set("a", value) == NULL);
    RINGTAP_CHECK(ringtap_kv_get("a", &found) && found.len == 3);
    RINGTAP_CHECK(memcmp(found.data, "two", 3) == 0);
    ringtap_texts keys = ringtap_kv_keys("b/");
    RINGTAP_CHECK(keys.len == 2 && ringtap_text_is(keys.items[0], "b/1"));
    ringtap_kv_delete("b/1");
    ringtap_kv_delete("never there");
    RINGTAP_CHECK(ringtap_kv_keys("").len == 2);
    RINGTAP_CHECK_TEXT(ringtap_kv_set("", value),
                       "can't store the key \"\": it has 0 bytes, not 1 to 256");
    ringtap_test_refuse_kv(true);
    RINGTAP_CHECK_TEXT(ringtap_kv_set("k", value), "can't store the key \"k\": told to refuse");
}
