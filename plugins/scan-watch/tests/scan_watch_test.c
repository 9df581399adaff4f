// These run natively, with a host that keeps what it is told: tests/run.sh.
#include <ringtap/testing.h>

#include "../src/plugin.h"

#define SECOND 1000000000ull

static const char *address(const char *prefix, unsigned number) {
    static char texts[4][64];
    static size_t turn;
    char *text = texts[turn++ % 4];
    snprintf(text, 64, "%s%u.%u", prefix, number / 250, number % 250 + 1);
    return text;
}

static void reach(const char *src, const char *dst, unsigned port, uint64_t at) {
    char from[64];
    char to[64];
    snprintf(from, sizeof from, "%s:40000", src);
    snprintf(to, sizeof to, "%s:%u", dst, port);
    ringtap_test_record packet = ringtap_test_tcp(from, to, RINGTAP_TCP_SYN);
    ringtap_test_set(&packet, "timestamp_ns", at);
    ringtap_test_packets(&packet, 1);
}

static size_t lines(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

static double scans(const char *by) {
    return ringtap_test_metric("scan_watch_scans_total", "by", by, NULL);
}

RINGTAP_TEST(a_source_that_reaches_many_hosts_is_told_once) {
    RINGTAP_CHECK(ringtap_test_start("hosts = 100") == NULL);
    for (unsigned i = 0; i < 300; i++) {
        reach("192.0.2.1", address("10.0.", i), 443, i);
    }
    const char *told = ringtap_test_told();
    RINGTAP_CHECK(lines(told) == 1);
    RINGTAP_CHECK(strstr(told, " scan src=192.0.2.1 by=hosts hosts=101 ports=1 ") != NULL);
    RINGTAP_CHECK(strstr(told, " since_ns=0 last_dst=10.0.0.") != NULL);
    RINGTAP_CHECK(strstr(told, " last_port=443\n") != NULL);
    RINGTAP_CHECK(scans("hosts") == 1 && scans("ports") == 0);
    RINGTAP_CHECK(ringtap_test_metric("scan_watch_attempts_total", "protocol", "tcp", NULL) == 300);
}

RINGTAP_TEST(a_source_that_tries_many_ports_is_told) {
    RINGTAP_CHECK(ringtap_test_start("ports = 50") == NULL);
    for (unsigned port = 1; port < 200; port++) {
        reach("192.0.2.1", "192.0.2.2", port, port);
    }
    const char *told = ringtap_test_told();
    RINGTAP_CHECK(lines(told) == 1 && strstr(told, "by=ports hosts=1 ports=51 ") != NULL);
    RINGTAP_CHECK(scans("ports") == 1);
}

RINGTAP_TEST(who_talks_much_to_few_is_not_told) {
    RINGTAP_CHECK(ringtap_test_start("hosts = 20\nports = 20") == NULL);
    for (unsigned i = 0; i < 2000; i++) {
        reach("192.0.2.1", address("10.0.", i % 15), 1 + i % 15, i);
    }
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "");
}

RINGTAP_TEST(answers_and_other_packets_are_no_attempts) {
    RINGTAP_CHECK(ringtap_test_start("hosts = 1") == NULL);
    ringtap_test_record packets[] = {
        ringtap_test_tcp("192.0.2.1:80", "10.0.0.1:1", RINGTAP_TCP_SYN | RINGTAP_TCP_ACK),
        ringtap_test_tcp("192.0.2.1:80", "10.0.0.2:1", RINGTAP_TCP_ACK),
        ringtap_test_ip("192.0.2.1", "10.0.0.3", 1),
        ringtap_test_frame(),
    };
    ringtap_test_mark(&packets[2], RINGTAP_MARK_ICMP);
    ringtap_test_packets(packets, 4);
    RINGTAP_CHECK(ringtap_test_metric("scan_watch_sources", NULL) == 0);
}

RINGTAP_TEST(echo_requests_count_hosts) {
    RINGTAP_CHECK(ringtap_test_start("hosts = 2") == NULL);
    for (unsigned i = 0; i < 3; i++) {
        ringtap_test_record packet = ringtap_test_ip("192.0.2.1", address("10.0.", i), 1);
        ringtap_test_mark(&packet, RINGTAP_MARK_ICMP);
        ringtap_test_set(&packet, "icmp_type", 8);
        ringtap_test_packets(&packet, 1);
    }
    const char *told = ringtap_test_told();
    RINGTAP_CHECK(lines(told) == 1 && strstr(told, "hosts=3 ports=0 attempts=3 ") != NULL);
    RINGTAP_CHECK(strstr(told, "last_port") == NULL);
}

RINGTAP_TEST(an_interval_begins_with_nothing) {
    RINGTAP_CHECK(ringtap_test_start("hosts = 2\ninterval = 10") == NULL);
    ringtap_test_tick(1 * SECOND);
    for (unsigned i = 0; i < 2; i++) {
        reach("192.0.2.1", address("10.0.", i), 1, 0);
    }
    ringtap_test_tick(11 * SECOND);
    RINGTAP_CHECK(ringtap_test_metric("scan_watch_sources", NULL) == 0);
    for (unsigned i = 2; i < 4; i++) {
        reach("192.0.2.1", address("10.0.", i), 1, 0);
    }
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "");
    reach("192.0.2.1", address("10.0.", 5), 1, 0);
    RINGTAP_CHECK(lines(ringtap_test_told()) == 1);
}

RINGTAP_TEST(who_finds_no_room_is_counted) {
    RINGTAP_CHECK(ringtap_test_start("sources = 16") == NULL);
    for (unsigned i = 0; i < 20; i++) {
        reach(address("172.16.", i), "10.0.0.1", 1, 0);
    }
    RINGTAP_CHECK(ringtap_test_metric("scan_watch_sources", NULL) == 16);
    RINGTAP_CHECK(ringtap_test_metric("scan_watch_untracked_attempts_total", NULL) == 4);
}

RINGTAP_TEST(who_may_scan_is_not_told) {
    RINGTAP_CHECK(ringtap_test_start("hosts = 1\nignore = ' 192.0.2.7,2001:db8::7'") == NULL);
    for (unsigned i = 0; i < 5; i++) {
        reach("192.0.2.7", address("10.0.", i), 1, 0);
    }
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "");
    RINGTAP_CHECK(ringtap_test_metric("scan_watch_sources", NULL) == 0);
    RINGTAP_CHECK_TEXT(ringtap_test_start("ignore = '192.0.2.7 192.0.2.8'"),
                       "config key `ignore`: `192.0.2.7 192.0.2.8` is no IP address");
}

RINGTAP_TEST(the_next_version_knows_who_was_there) {
    RINGTAP_CHECK(ringtap_test_start("hosts = 3") == NULL);
    for (unsigned i = 0; i < 3; i++) {
        reach("192.0.2.1", address("10.0.", i), 1, 7);
    }
    ringtap_bytes saved;
    RINGTAP_CHECK(ringtap_test_save(&saved) == NULL);
    RINGTAP_CHECK(ringtap_test_start("hosts = 3") == NULL);
    RINGTAP_CHECK(ringtap_test_restore(1, saved) == NULL);
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "");
    reach("192.0.2.1", address("10.0.", 3), 1, 9);
    const char *told = ringtap_test_told();
    RINGTAP_CHECK(
        strstr(told, "9 scan src=192.0.2.1 by=hosts hosts=4 ports=1 attempts=4 since_ns=7") !=
        NULL);
    for (size_t len = 0; len < saved.len; len += 7) {
        RINGTAP_CHECK(ringtap_test_start("") == NULL);
        ringtap_bytes cut = {saved.data, len};
        RINGTAP_CHECK_TEXT(ringtap_test_restore(1, cut), "the saved sources are damaged");
    }
}

RINGTAP_TEST(estimates_are_near) {
    sketch_init();
    static sketch sketch;
    uint64_t hash = 1;
    for (uint64_t n = 1; n <= 1000; n++) {
        hash = (hash ^ hash >> 27) * 0x94d049bb133111eb + n;
        sketch_add(&sketch, hash >> 20);
        sketch_add(&sketch, hash >> 20);
        uint64_t estimate = sketch_estimate(&sketch);
        RINGTAP_CHECK(estimate * 100 >= n * 92 && estimate * 100 <= n * 108 + 100);
    }
    memset(sketch.bits, 0xff, SKETCH_BYTES);
    sketch_recount(&sketch);
    RINGTAP_CHECK(sketch.set == SKETCH_BITS && sketch_estimate(&sketch) > SKETCH_BITS);
}
