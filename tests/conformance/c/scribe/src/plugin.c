// The plugin `scribe` of tests/conformance: a copy of each event.
#include <ringtap.h>

static ringtap_counter_family events =
    RINGTAP_FAMILY("scribe_events_total", "Events by kind.", "kind");

static const ringtap_description description = {.name = "scribe", .version = "1.0.0"};

static ringtap_error init(ringtap_text text) {
    ringtap_config config;
    ringtap_config_read(&config, text);
    return ringtap_config_finish(&config);
}

static void copy(const ringtap_received *received) {
    const ringtap_event *event = &received->event;
    ringtap_row *row = ringtap_row_new("copy", event->time_ns);
    ringtap_row_text(row, "from", received->plugin.data);
    ringtap_row_text(row, "was", event->kind.data);
    for (size_t i = 0; i < event->field_count; i++) {
        ringtap_row_value(row, event->fields[i].name.data, event->fields[i].value);
    }
    ringtap_row_emit(row);
    ringtap_counter *counter;
    ringtap_error error = ringtap_counter_with(&events, &counter, event->kind.data);
    if (error != NULL) {
        ringtap_panic(error);
    }
    ringtap_counter_inc(counter);
}

static void on_events(const ringtap_received *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        copy(&rows[i]);
    }
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, NULL, NULL)
RINGTAP_EXPORT_EXPORTER(on_events)
