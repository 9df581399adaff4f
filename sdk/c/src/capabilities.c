#include "ringtap/capabilities.h"

#include <string.h>

#include "call.h"
#include "host.h"
#include "ringtap/text.h"

// As `log.level` counts.
enum { DEBUG, INFO, WARN, ERROR };

static void log_line(uint32_t level, const char *line) {
    host_log(level, line, strlen(line));
}

void ringtap_debug(const char *line) {
    log_line(DEBUG, line);
}

void ringtap_info(const char *line) {
    log_line(INFO, line);
}

void ringtap_warn(const char *line) {
    log_line(WARN, line);
}

void ringtap_log_error(const char *line) {
    log_line(ERROR, line);
}

void ringtap_report_panics(void) {
    ringtap_panics_to = ringtap_log_error;
}

uint64_t ringtap_now_ns(void) {
    return host_now_ns();
}

bool ringtap_interface_name(uint32_t ifindex, ringtap_text *out) {
    host_text answer;
    host_interface_name(ifindex, &answer);
    if (answer.is_some != 0) {
        *out = answer.text;
    }
    return answer.is_some != 0;
}

uint64_t ringtap_random(void) {
    return host_random();
}

bool ringtap_kv_get(const char *key, ringtap_bytes *out) {
    host_bytes answer;
    host_kv_get(key, strlen(key), &answer);
    if (answer.is_some != 0) {
        *out = answer.bytes;
    }
    return answer.is_some != 0;
}

ringtap_error ringtap_kv_set(const char *key, ringtap_bytes value) {
    host_done answer;
    host_kv_set(key, strlen(key), value.data, value.len, &answer);
    if (answer.is_err == 0) {
        return NULL;
    }
    const char *quoted = ringtap_quoted(ringtap_text_of(key));
    return ringtap_concat("can't store the key ", quoted, ": ", answer.reason.data);
}

void ringtap_kv_delete(const char *key) {
    host_kv_delete(key, strlen(key));
}

ringtap_texts ringtap_kv_keys(const char *prefix) {
    ringtap_texts keys;
    host_kv_keys(prefix, strlen(prefix), &keys);
    return keys;
}
