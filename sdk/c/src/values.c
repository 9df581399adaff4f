// Values of fields, made and read.
#include "ringtap/events.h"
#include "ringtap/types.h"

ringtap_value ringtap_text_value(const char *value) {
    return (ringtap_value){.type = RINGTAP_TEXT, .as.text = ringtap_text_of(value)};
}

ringtap_value ringtap_int_value(int64_t value) {
    return (ringtap_value){.type = RINGTAP_INT, .as.int_ = value};
}

ringtap_value ringtap_uint_value(uint64_t value) {
    return (ringtap_value){.type = RINGTAP_UINT, .as.uint = value};
}

ringtap_value ringtap_float_value(double value) {
    return (ringtap_value){.type = RINGTAP_FLOAT, .as.float_ = value};
}

ringtap_value ringtap_truth_value(bool value) {
    return (ringtap_value){.type = RINGTAP_TRUTH, .as.truth = value};
}

ringtap_value ringtap_bytes_value(ringtap_bytes value) {
    return (ringtap_value){.type = RINGTAP_BYTES, .as.bytes = value};
}

const ringtap_value *ringtap_event_value(const ringtap_event *event, const char *name) {
    for (size_t i = 0; i < event->field_count; i++) {
        if (ringtap_text_is(event->fields[i].name, name)) {
            return &event->fields[i].value;
        }
    }
    return NULL;
}

static const ringtap_value *of_type(const ringtap_event *event, const char *name, uint8_t type) {
    const ringtap_value *value = ringtap_event_value(event, name);
    return value != NULL && value->type == type ? value : NULL;
}

bool ringtap_event_text(const ringtap_event *event, const char *name, ringtap_text *out) {
    const ringtap_value *value = of_type(event, name, RINGTAP_TEXT);
    if (value != NULL) {
        *out = value->as.text;
    }
    return value != NULL;
}

bool ringtap_event_uint(const ringtap_event *event, const char *name, uint64_t *out) {
    const ringtap_value *value = ringtap_event_value(event, name);
    if (value != NULL && value->type == RINGTAP_UINT) {
        *out = value->as.uint;
        return true;
    }
    if (value != NULL && value->type == RINGTAP_INT && value->as.int_ >= 0) {
        *out = (uint64_t)value->as.int_;
        return true;
    }
    return false;
}

bool ringtap_event_int(const ringtap_event *event, const char *name, int64_t *out) {
    const ringtap_value *value = ringtap_event_value(event, name);
    if (value != NULL && value->type == RINGTAP_INT) {
        *out = value->as.int_;
        return true;
    }
    if (value != NULL && value->type == RINGTAP_UINT && value->as.uint <= INT64_MAX) {
        *out = (int64_t)value->as.uint;
        return true;
    }
    return false;
}

bool ringtap_event_float(const ringtap_event *event, const char *name, double *out) {
    const ringtap_value *value = ringtap_event_value(event, name);
    if (value != NULL && value->type == RINGTAP_FLOAT) {
        *out = value->as.float_;
        return true;
    }
    if (value != NULL && value->type == RINGTAP_INT) {
        *out = (double)value->as.int_;
        return true;
    }
    if (value != NULL && value->type == RINGTAP_UINT) {
        *out = (double)value->as.uint;
        return true;
    }
    return false;
}

bool ringtap_event_truth(const ringtap_event *event, const char *name, bool *out) {
    const ringtap_value *value = of_type(event, name, RINGTAP_TRUTH);
    if (value != NULL) {
        *out = value->as.truth;
    }
    return value != NULL;
}

bool ringtap_event_bytes(const ringtap_event *event, const char *name, ringtap_bytes *out) {
    const ringtap_value *value = of_type(event, name, RINGTAP_BYTES);
    if (value != NULL) {
        *out = value->as.bytes;
    }
    return value != NULL;
}
