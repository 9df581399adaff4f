#include <ringtap/testing.h>

#define SECOND 1000000000ull

RINGTAP_TEST(only_a_second_over_the_limit_is_told) {
    RINGTAP_CHECK(ringtap_test_start("mbit_per_second = 1") == NULL);
    ringtap_test_name_interface(1, "eth0");
    ringtap_test_record packets[101];
    for (size_t i = 0; i < 101; i++) {
        packets[i] = ringtap_test_udp("192.0.2.1:5000", "192.0.2.2:53");
        ringtap_test_set(&packets[i], "wire_len", 1250);
    }
    ringtap_test_packets(packets, 100);
    ringtap_test_tick(SECOND);
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "");

    ringtap_test_packets(packets, 101);
    ringtap_test_tick(2 * SECOND);
    RINGTAP_CHECK_TEXT(ringtap_test_told(),
                       "2000000000 burst interface=eth0 bytes=126250 seconds=1\n");
    RINGTAP_CHECK(ringtap_test_metric("bursts_packet_bytes", NULL) == 251250);
}

RINGTAP_TEST(a_key_that_is_misspelt_refuses_the_plugin) {
    RINGTAP_CHECK_TEXT(ringtap_test_start("mbit_per_secnod = 1"),
                       "config key `mbit_per_secnod` is not known; there are: mbit_per_second");
}
