#include "settings.h"

#include <string.h>

/// The text up to the next comma, without the space around it, and what is behind that comma.
static ringtap_text next_part(ringtap_text *rest) {
    const char *start = rest->data;
    size_t len = 0;
    while (len < rest->len && start[len] != ',') {
        len++;
    }
    size_t behind = len < rest->len ? len + 1 : len;
    *rest = (ringtap_text){start + behind, rest->len - behind};
    while (len > 0 && *start == ' ') {
        start++;
        len--;
    }
    while (len > 0 && start[len - 1] == ' ') {
        len--;
    }
    return (ringtap_text){start, len};
}

static ringtap_error read_ignored(settings *settings, ringtap_text list) {
    settings->ignored_count = 0;
    while (list.len > 0) {
        ringtap_text part = next_part(&list);
        if (settings->ignored_count == MAX_IGNORED) {
            return "config key `ignore`: it names more than 16 addresses";
        }
        if (!ringtap_address_parse(part, &settings->ignored[settings->ignored_count++])) {
            const char *shown = ringtap_call_text(part.data, part.len).data;
            return ringtap_concat("config key `ignore`: `", shown, "` is no IP address");
        }
    }
    return NULL;
}

ringtap_error settings_read(settings *settings, ringtap_text text) {
    ringtap_config config;
    ringtap_config_read(&config, text);
    settings->hosts = ringtap_config_integer(&config, "hosts", 100, 1, 1000);
    settings->ports = ringtap_config_integer(&config, "ports", 50, 1, 1000);
    settings->interval_ns = ringtap_config_seconds(&config, "interval", 60, 1, 86400);
    settings->sources = (uint32_t)ringtap_config_integer(&config, "sources", 4096, 16, 16384);
    ringtap_text ignored = ringtap_config_text(&config, "ignore", "");
    ringtap_error error = ringtap_config_finish(&config);
    return error != NULL ? error : read_ignored(settings, ignored);
}

bool settings_ignore(const settings *settings, const ringtap_address *src) {
    for (size_t i = 0; i < settings->ignored_count; i++) {
        if (ringtap_address_equal(&settings->ignored[i], src)) {
            return true;
        }
    }
    return false;
}
