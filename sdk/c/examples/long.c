// Tells of long flows only, by another name and without addresses.
#include <ringtap.h>

static const ringtap_description description = {.name = "long", .version = "0.1.0"};

static ringtap_error init(ringtap_text config) {
    (void)config;
    return NULL;
}

static void on_events(const ringtap_received *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint64_t first;
        uint64_t last;
        bool is_long = ringtap_event_uint(&rows[i].event, "first_ns", &first) &&
                       ringtap_event_uint(&rows[i].event, "last_ns", &last) && last > first &&
                       last - first > 1000000000;
        if (!is_long) {
            continue;
        }
        ringtap_row *row = ringtap_row_of(&rows[i].event);
        ringtap_row_kind(row, "long_flow");
        ringtap_row_set(row, "from", ringtap_text_value(rows[i].plugin.data));
        ringtap_row_without(row, "src");
        ringtap_row_without(row, "dst");
        ringtap_row_emit(row);
    }
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_EXPORTER(on_events)
