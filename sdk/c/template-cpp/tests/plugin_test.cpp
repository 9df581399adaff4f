// These run on this machine, with a host that keeps what it is told: tests/run.sh.
#include <ringtap/testing.h>

#define SECOND 1000000000ull

static ringtap_test_record udp(void) {
    return ringtap_test_udp("192.0.2.1:5000", "192.0.2.2:53");
}

RINGTAP_TEST(packets_are_counted_by_protocol) {
    RINGTAP_CHECK(ringtap_test_start("") == NULL);
    ringtap_test_record packets[] = {
        udp(), udp(), ringtap_test_tcp("192.0.2.1:5000", "192.0.2.2:80", RINGTAP_TCP_SYN)};
    ringtap_test_packets(packets, 3);
    RINGTAP_CHECK(ringtap_test_metric("{{ident}}_packets_total", "protocol", "udp", NULL) == 2);
    RINGTAP_CHECK(ringtap_test_metric("{{ident}}_bytes_total", "protocol", "udp", NULL) == 200);
    RINGTAP_CHECK(ringtap_test_metric("{{ident}}_packets_total", "protocol", "tcp", NULL) == 1);
    RINGTAP_CHECK(ringtap_test_series("{{ident}}_packets_total") == 2);
}

RINGTAP_TEST(reports_come_when_the_config_says) {
    RINGTAP_CHECK(ringtap_test_start("report_seconds = 2") == NULL);
    ringtap_test_record packet = udp();
    ringtap_test_packets(&packet, 1);
    ringtap_test_tick(10 * SECOND);
    ringtap_test_tick(11 * SECOND);
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "");
    ringtap_test_tick(12 * SECOND);
    RINGTAP_CHECK_TEXT(ringtap_test_told(),
                       "12000000000 protocol protocol=udp packets=1 bytes=100\n");
}

RINGTAP_TEST(what_is_no_key_is_refused) {
    RINGTAP_CHECK_TEXT(ringtap_test_start("report_secs = 2"),
                       "config key `report_secs` is not known; there are: report_seconds");
}

RINGTAP_TEST(the_next_version_goes_on_counting) {
    RINGTAP_CHECK(ringtap_test_start("") == NULL);
    ringtap_test_record packet = udp();
    ringtap_test_packets(&packet, 1);
    ringtap_bytes saved;
    RINGTAP_CHECK(ringtap_test_save(&saved) == NULL);
    RINGTAP_CHECK(ringtap_test_start("") == NULL);
    RINGTAP_CHECK(ringtap_test_restore(1, saved) == NULL);
    ringtap_test_packets(&packet, 1);
    ringtap_test_stop(SECOND);
    RINGTAP_CHECK_TEXT(ringtap_test_told(),
                       "1000000000 protocol protocol=udp packets=2 bytes=200\n");
    saved.len--;
    RINGTAP_CHECK_TEXT(ringtap_test_restore(1, saved), "the saved totals are damaged");
}
