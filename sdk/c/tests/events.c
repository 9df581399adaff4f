#include "ringtap/testing.h"

static ringtap_row *row(void) {
    ringtap_row *row = ringtap_row_new("flow", 7);
    ringtap_row_text(row, "src", "10.0.0.1");
    ringtap_row_uint(row, "bytes", 9);
    ringtap_row_int(row, "delta", -2);
    ringtap_row_float(row, "ratio", 0.5);
    ringtap_row_truth(row, "fresh", true);
    ringtap_row_bytes(row, "raw", (ringtap_bytes){(const uint8_t *)"\x01\xff", 2});
    return row;
}

RINGTAP_TEST(rows_cross_when_the_call_ends_or_many_wait) {
    ringtap_row_emit(row());
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "");
    ringtap_test_end_call();
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "7 flow src=10.0.0.1 bytes=9 delta=-2 ratio=0.5 "
                                            "fresh=true raw=01ff\n");
    ringtap_row_emit(ringtap_row_new("b", 2));
    ringtap_event c = ringtap_row_new("c", 3)->event;
    RINGTAP_CHECK(ringtap_emit_all(&c, 1) == NULL);
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "2 b\n3 c\n");
    for (int i = 0; i < 64; i++) {
        ringtap_row_emit(ringtap_row_new("d", 4));
    }
    RINGTAP_CHECK(strlen(ringtap_test_told()) == 64 * strlen("4 d\n"));
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_test_host_calls() == 4);
}

RINGTAP_TEST(a_refusal_is_an_error_of_who_asked_or_ends_the_instance) {
    ringtap_test_refuse_events(true);
    ringtap_event rows[] = {ringtap_row_new("a", 1)->event, ringtap_row_new("b", 2)->event};
    RINGTAP_CHECK_TEXT(ringtap_emit_all(rows, 2), "the host refused 2 events: told to refuse");
    ringtap_row_emit(row());
    RINGTAP_CHECK_PANICS(ringtap_test_end_call(), "the host refused events: told to refuse");
}

RINGTAP_TEST(a_field_is_read_as_what_it_can_be) {
    const ringtap_event *event = &row()->event;
    ringtap_text text;
    ringtap_bytes bytes;
    uint64_t uint;
    int64_t int_;
    double float_;
    bool truth;
    RINGTAP_CHECK(ringtap_event_text(event, "src", &text) && ringtap_text_is(text, "10.0.0.1"));
    RINGTAP_CHECK(!ringtap_event_text(event, "bytes", &text));
    RINGTAP_CHECK(ringtap_event_uint(event, "bytes", &uint) && uint == 9);
    RINGTAP_CHECK(!ringtap_event_uint(event, "delta", &uint));
    RINGTAP_CHECK(ringtap_event_int(event, "bytes", &int_) && int_ == 9);
    RINGTAP_CHECK(ringtap_event_int(event, "delta", &int_) && int_ == -2);
    RINGTAP_CHECK(ringtap_event_float(event, "bytes", &float_) && float_ == 9);
    RINGTAP_CHECK(ringtap_event_float(event, "delta", &float_) && float_ == -2);
    RINGTAP_CHECK(ringtap_event_float(event, "ratio", &float_) && float_ == 0.5);
    RINGTAP_CHECK(!ringtap_event_float(event, "src", &float_));
    RINGTAP_CHECK(ringtap_event_truth(event, "fresh", &truth) && truth);
    RINGTAP_CHECK(ringtap_event_bytes(event, "raw", &bytes) && bytes.len == 2);
    RINGTAP_CHECK(ringtap_event_value(event, "absent") == NULL);
    ringtap_row *big = ringtap_row_new("big", 0);
    ringtap_row_uint(big, "n", UINT64_MAX);
    RINGTAP_CHECK(!ringtap_event_int(&big->event, "n", &int_));
}

RINGTAP_TEST(a_row_is_reshaped_and_keeps_its_order) {
    ringtap_row *other = ringtap_row_of(&row()->event);
    ringtap_row_kind(other, "export");
    ringtap_row_set(other, "bytes", ringtap_text_value("many"));
    ringtap_row_set(other, "seen_by", ringtap_text_value("edge"));
    ringtap_row_without(other, "delta");
    ringtap_row_without(other, "absent");
    ringtap_row_emit(other);
    ringtap_test_end_call();
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "7 export src=10.0.0.1 bytes=many ratio=0.5 "
                                            "fresh=true raw=01ff seen_by=edge\n");
}

RINGTAP_TEST(a_row_takes_as_many_fields_as_there_are) {
    ringtap_row *many = ringtap_row_new("many", 1);
    char name[RINGTAP_NUMBER_TEXT];
    for (uint64_t i = 0; i < 64; i++) {
        ringtap_row_uint(many, ringtap_u64_text(i, name), i);
    }
    uint64_t last;
    RINGTAP_CHECK(many->event.field_count == 64);
    RINGTAP_CHECK(ringtap_event_uint(&many->event, "63", &last) && last == 63);
}
