#include "ringtap/events.h"

#include <string.h>

#include "call.h"
#include "host.h"
#include "ringtap/text.h"

/// Rows that are handed over together, at most: what waits for the end of a call stays small.
#define ROWS_AT_ONCE 64

static ringtap_event pending[ROWS_AT_ONCE];
static size_t pending_count;

static void flush(void) {
    if (pending_count == 0) {
        return;
    }
    host_done answer;
    host_emit(pending, pending_count, &answer);
    if (answer.is_err != 0) {
        ringtap_panic(ringtap_concat("the host refused events: ", answer.reason.data));
    }
    pending_count = 0;
}

void ringtap_row_emit(const ringtap_row *row) {
    ringtap_events_at_end = flush;
    pending[pending_count++] = row->event;
    if (pending_count == ROWS_AT_ONCE) {
        flush();
    }
}

ringtap_error ringtap_emit_all(const ringtap_event *rows, size_t count) {
    flush();
    host_done answer;
    host_emit(rows, count, &answer);
    if (answer.is_err == 0) {
        return NULL;
    }
    char number[RINGTAP_NUMBER_TEXT];
    const char *many = ringtap_u64_text(count, number);
    return ringtap_concat("the host refused ", many, " events: ", answer.reason.data);
}

static ringtap_row *row_with_room(size_t capacity) {
    ringtap_row *row = ringtap_call_alloc(sizeof *row);
    row->capacity = capacity;
    row->fields = ringtap_call_alloc(capacity * sizeof *row->fields);
    row->event.fields = row->fields;
    row->event.field_count = 0;
    return row;
}

ringtap_row *ringtap_row_new(const char *kind, uint64_t time_ns) {
    ringtap_row *row = row_with_room(8);
    ringtap_row_kind(row, kind);
    row->event.time_ns = time_ns;
    return row;
}

static void add(ringtap_row *row, ringtap_text name, ringtap_value value) {
    size_t count = row->event.field_count;
    if (count == row->capacity) {
        row->capacity *= 2;
        row->fields = ringtap_call_alloc(row->capacity * sizeof *row->fields);
        memcpy(row->fields, row->event.fields, count * sizeof *row->fields);
        row->event.fields = row->fields;
    }
    row->fields[count] = (ringtap_field){name, value};
    row->event.field_count = count + 1;
}

ringtap_row *ringtap_row_of(const ringtap_event *event) {
    ringtap_row *row = row_with_room(event->field_count + 4);
    row->event.kind = event->kind;
    row->event.time_ns = event->time_ns;
    for (size_t i = 0; i < event->field_count; i++) {
        add(row, event->fields[i].name, event->fields[i].value);
    }
    return row;
}

void ringtap_row_kind(ringtap_row *row, const char *kind) {
    row->event.kind = ringtap_call_text(kind, strlen(kind));
}

void ringtap_row_value(ringtap_row *row, const char *name, ringtap_value value) {
    add(row, ringtap_call_text(name, strlen(name)), value);
}

void ringtap_row_text(ringtap_row *row, const char *name, const char *value) {
    ringtap_row_value(row, name, ringtap_text_value(ringtap_call_text(value, strlen(value)).data));
}

void ringtap_row_int(ringtap_row *row, const char *name, int64_t value) {
    ringtap_row_value(row, name, ringtap_int_value(value));
}

void ringtap_row_uint(ringtap_row *row, const char *name, uint64_t value) {
    ringtap_row_value(row, name, ringtap_uint_value(value));
}

void ringtap_row_float(ringtap_row *row, const char *name, double value) {
    ringtap_row_value(row, name, ringtap_float_value(value));
}

void ringtap_row_truth(ringtap_row *row, const char *name, bool value) {
    ringtap_row_value(row, name, ringtap_truth_value(value));
}

void ringtap_row_bytes(ringtap_row *row, const char *name, ringtap_bytes value) {
    uint8_t *copy = ringtap_call_alloc(value.len);
    if (value.len > 0) {
        memcpy(copy, value.data, value.len);
    }
    ringtap_row_value(row, name, ringtap_bytes_value((ringtap_bytes){copy, value.len}));
}

void ringtap_row_set(ringtap_row *row, const char *name, ringtap_value value) {
    for (size_t i = 0; i < row->event.field_count; i++) {
        if (ringtap_text_is(row->fields[i].name, name)) {
            row->fields[i].value = value;
            return;
        }
    }
    ringtap_row_value(row, name, value);
}

void ringtap_row_without(ringtap_row *row, const char *name) {
    size_t kept = 0;
    for (size_t i = 0; i < row->event.field_count; i++) {
        if (!ringtap_text_is(row->fields[i].name, name)) {
            row->fields[kept++] = row->fields[i];
        }
    }
    row->event.field_count = kept;
}
