/// Texts of numbers and addresses, without printf.
///
/// Each writes into a buffer of the caller, ends it with a NUL and returns it, so nothing is
/// allocated:
///
///     char text[RINGTAP_ADDRESS_TEXT];
///     ringtap_row_text(row, "src", ringtap_address_text(address, text));
#ifndef RINGTAP_TEXT_H
#define RINGTAP_TEXT_H

#include "ringtap/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes of a buffer for any number.
#define RINGTAP_NUMBER_TEXT 21
/// Bytes of a buffer for any IP address.
#define RINGTAP_ADDRESS_TEXT 46
/// Bytes of a buffer for a MAC address.
#define RINGTAP_MAC_TEXT 18

/// An IP address, in network order: 4 or 16 bytes, the others 0, so that equal addresses have equal
/// bytes.
typedef struct {
    uint8_t bytes[16];
    /// 4 or 6.
    uint8_t version;
} ringtap_address;

/// A MAC address, in the order of transmission.
typedef struct {
    uint8_t bytes[6];
} ringtap_mac;

/// Decimal.
const char *ringtap_u64_text(uint64_t number, char text[RINGTAP_NUMBER_TEXT]);
/// Decimal, with a `-` where it is negative.
const char *ringtap_i64_text(int64_t number, char text[RINGTAP_NUMBER_TEXT]);
/// As RFC 5952 has it; an IPv4-mapped IPv6 address is `::ffff:192.0.2.1`.
const char *ringtap_address_text(ringtap_address address, char text[RINGTAP_ADDRESS_TEXT]);
/// Such as `02:00:00:03:04:05`.
const char *ringtap_mac_text(ringtap_mac mac, char text[RINGTAP_MAC_TEXT]);

/// Read an address. False, and nothing is written, where the text is none: there must be nothing
/// before or behind it, no leading zero in IPv4, and no zone.
bool ringtap_address_parse(ringtap_text text, ringtap_address *out);

bool ringtap_address_equal(const ringtap_address *left, const ringtap_address *right);

/// The strings one after the other, in memory of this call:
///
///     return ringtap_concat("no interface is called ", name);
#define ringtap_concat(...) ringtap_concat_(__VA_ARGS__, (const char *)0)

/// Use `ringtap_concat`.
const char *ringtap_concat_(const char *first, ...) __attribute__((sentinel));

/// The text in quotes, with escapes where a log would suffer without; in memory of this call.
const char *ringtap_quoted(ringtap_text text);

#ifdef __cplusplus
}
#endif

#endif
