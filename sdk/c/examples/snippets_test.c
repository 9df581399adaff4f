// What docs/plugins-c.md shows in passing, held to be right.
#include <ringtap/testing.h>

static ringtap_error limit(ringtap_text text, uint64_t *out) {
    ringtap_config config;
    ringtap_config_read(&config, text);
    *out = ringtap_config_integer(&config, "limit", 100, 1, 1000);
    return ringtap_config_finish(&config);
}

RINGTAP_TEST(a_config_is_read_key_by_key) {
    uint64_t number;
    RINGTAP_CHECK(limit(ringtap_text_of(""), &number) == NULL && number == 100);
    RINGTAP_CHECK_TEXT(
        limit(ringtap_text_of("limit = 5000"), &number),
        "config key `limit`: 5000 won't do, it must be a whole number from 1 to 1000");
}

/// Whether this host is new to us, for the first time ever.
static ringtap_error is_new(const char *host, bool *out) {
    const char *key = ringtap_concat("host/", host);
    ringtap_bytes known;
    *out = !ringtap_kv_get(key, &known);
    return *out ? ringtap_kv_set(key, (ringtap_bytes){NULL, 0}) : NULL;
}

RINGTAP_TEST(a_store_lasts) {
    bool answer;
    RINGTAP_CHECK(is_new("192.0.2.1", &answer) == NULL && answer);
    RINGTAP_CHECK(is_new("192.0.2.1", &answer) == NULL && !answer);
    RINGTAP_CHECK(ringtap_text_is(ringtap_kv_keys("host/").items[0], "host/192.0.2.1"));
}

static ringtap_gauge *flows;
static ringtap_counter_family packets =
    RINGTAP_FAMILY("my_packets_total", "Packets.", "protocol", "direction");

static ringtap_error define(void) {
    return ringtap_gauge_new(&flows, "my_flows", "Flows that are open.", NULL, 0);
}

static ringtap_error count(const char *protocol, const char *direction, uint64_t open) {
    ringtap_counter *series;
    ringtap_error error = ringtap_counter_with(&packets, &series, protocol, direction);
    if (error == NULL) {
        ringtap_counter_inc(series);
        ringtap_gauge_set(flows, (double)open);
    }
    return error;
}

RINGTAP_TEST(metrics_are_defined_and_counted) {
    RINGTAP_CHECK(define() == NULL && count("tcp", "ingress", 3) == NULL);
    ringtap_test_end_call();
    RINGTAP_CHECK(ringtap_test_metric("my_flows", NULL) == 3);
    RINGTAP_CHECK(ringtap_test_metric("my_packets_total", "direction", "ingress", "protocol", "tcp",
                                      NULL) == 1);
}
