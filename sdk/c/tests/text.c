#include "ringtap/testing.h"

static const char *address(const char *text) {
    static char out[RINGTAP_ADDRESS_TEXT];
    ringtap_address address;
    return ringtap_address_parse(ringtap_text_of(text), &address)
               ? ringtap_address_text(address, out)
               : "none";
}

RINGTAP_TEST(addresses_are_written_as_rfc_5952_has_them) {
    RINGTAP_CHECK_TEXT(address("192.0.2.1"), "192.0.2.1");
    RINGTAP_CHECK_TEXT(address("0.0.0.0"), "0.0.0.0");
    RINGTAP_CHECK_TEXT(address("255.255.255.255"), "255.255.255.255");
    RINGTAP_CHECK_TEXT(address("::"), "::");
    RINGTAP_CHECK_TEXT(address("0:0:0:0:0:0:0:1"), "::1");
    RINGTAP_CHECK_TEXT(address("2001:DB8::"), "2001:db8::");
    RINGTAP_CHECK_TEXT(address("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
    RINGTAP_CHECK_TEXT(address("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
    RINGTAP_CHECK_TEXT(address("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
    RINGTAP_CHECK_TEXT(address("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
    RINGTAP_CHECK_TEXT(address("::192.0.2.1"), "::c000:201");
    RINGTAP_CHECK_TEXT(address("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
    RINGTAP_CHECK_TEXT(address("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
    RINGTAP_CHECK_TEXT(address("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
    RINGTAP_CHECK_TEXT(address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
                       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

RINGTAP_TEST(what_is_no_address_is_refused) {
    static const char *const none[] = {
        "",           "1",
        "1.2.3",      "1.2.3.4.5",
        "256.1.1.1",  "01.2.3.4",
        "1.2.3.4 ",   " ::1",
        ":::",        "1::2::3",
        "1:2:3",      "::fffff",
        "::g",        "1:2:3:4:5:6:7:8:9",
        "fe80::1%1",  "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3",    ":1:2:3:4:5:6:7",
        "1.2.3.1000",
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        RINGTAP_CHECK_TEXT(address(none[i]), "none");
    }
}

RINGTAP_TEST(numbers_are_written_without_printf) {
    char text[RINGTAP_NUMBER_TEXT];
    RINGTAP_CHECK_TEXT(ringtap_u64_text(0, text), "0");
    RINGTAP_CHECK_TEXT(ringtap_u64_text(UINT64_MAX, text), "18446744073709551615");
    RINGTAP_CHECK_TEXT(ringtap_i64_text(INT64_MIN, text), "-9223372036854775808");
    RINGTAP_CHECK_TEXT(ringtap_i64_text(-1, text), "-1");
    RINGTAP_CHECK_TEXT(ringtap_i64_text(17, text), "17");
}

RINGTAP_TEST(mac_addresses_are_written) {
    char text[RINGTAP_MAC_TEXT];
    ringtap_mac mac = {{2, 0, 0, 3, 0xab, 5}};
    RINGTAP_CHECK_TEXT(ringtap_mac_text(mac, text), "02:00:00:03:ab:05");
}

RINGTAP_TEST(texts_are_put_together_and_quoted) {
    RINGTAP_CHECK_TEXT(ringtap_concat("a", "", "bc"), "abc");
    RINGTAP_CHECK_TEXT(ringtap_concat("a"), "a");
    RINGTAP_CHECK_TEXT(ringtap_quoted((ringtap_text){"a\"\\\n\0\x7f", 6}),
                       "\"a\\\"\\\\\\n\\0\\u{7f}\"");
    RINGTAP_CHECK_TEXT(ringtap_quoted(ringtap_text_of("\u00e9 \u200b \U0001f600")),
                       "\"\u00e9 \\u{200b} \U0001f600\"");
}
