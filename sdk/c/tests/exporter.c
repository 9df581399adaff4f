// An exporter that passes events on under another kind.
#include "ringtap/testing.h"

static const ringtap_description description = {.name = "exporter", .version = "1.0.0"};

static ringtap_error init(ringtap_text config) {
    (void)config;
    return NULL;
}

static void on_events(const ringtap_received *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ringtap_row *row = ringtap_row_of(&rows[i].event);
        ringtap_row_kind(row, "passed");
        ringtap_row_text(row, "from", rows[i].plugin.data);
        ringtap_row_emit(row);
    }
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_EXPORTER(on_events)

RINGTAP_TEST(events_pass) {
    const ringtap_field fields[] = {
        {ringtap_text_of("n"), ringtap_uint_value(5)},
        {ringtap_text_of("t"), {.type = RINGTAP_TEXT, .as.text = {"a\0b", 3}}},
    };
    ringtap_received rows[] = {{{"p", 1}, {{"row", 3}, 9, fields, 2}}};
    ringtap_test_events(rows, 1);
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "9 passed n=5 t=a\\0b from=p\n");
}
