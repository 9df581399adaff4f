/// Values.
#ifndef RINGTAP_VALUE_HPP
#define RINGTAP_VALUE_HPP

#include "ringtap/capabilities.h"
#include "ringtap/config.h"
#include "ringtap/memory.h"
#include "ringtap/text.h"
#include "ringtap/types.h"

namespace ringtap {

/// What went wrong, in words for the operator; null where nothing did. It lives until the call of
/// the plugin ends, or for ever where it is a literal.
using Error = ringtap_error;

/// A value, or none.
template <class T> class Optional {
  public:
    constexpr Optional() = default;
    constexpr Optional(const T &value) : value_(value), is_there_(true) {}

    constexpr explicit operator bool() const {
        return is_there_;
    }
    constexpr bool has_value() const {
        return is_there_;
    }
    /// Only where there is one.
    constexpr const T &operator*() const {
        return value_;
    }
    constexpr const T *operator->() const {
        return &value_;
    }
    constexpr T value_or(const T &other) const {
        return is_there_ ? value_ : other;
    }
    /// Whether there is a value and it is this one.
    constexpr bool is(const T &value) const {
        return is_there_ && value_ == value;
    }

  private:
    T value_{};
    bool is_there_ = false;
};

/// UTF-8 that somebody else holds.
class Text : public ringtap_text {
  public:
    constexpr Text() : ringtap_text{"", 0} {}
    constexpr Text(ringtap_text text) : ringtap_text(text) {}
    constexpr Text(const char *string) : ringtap_text{string, __builtin_strlen(string)} {}

    bool operator==(const Text &other) const {
        return len == other.len && __builtin_memcmp(data, other.data, len) == 0;
    }
    bool operator!=(const Text &other) const {
        return !(*this == other);
    }
};

/// Bytes that somebody else holds.
class Bytes : public ringtap_bytes {
  public:
    constexpr Bytes() : ringtap_bytes{nullptr, 0} {}
    constexpr Bytes(ringtap_bytes bytes) : ringtap_bytes(bytes) {}
    constexpr Bytes(const uint8_t *data, size_t len) : ringtap_bytes{data, len} {}

    constexpr size_t size() const {
        return len;
    }
    constexpr uint8_t operator[](size_t place) const {
        return data[place];
    }
    constexpr const uint8_t *begin() const {
        return data;
    }
    constexpr const uint8_t *end() const {
        return data + len;
    }
};

/// An IP address.
class Address : public ringtap_address {
  public:
    constexpr Address() : ringtap_address{{0}, 0} {}
    constexpr Address(ringtap_address address) : ringtap_address(address) {}

    /// None where the text is no address.
    static Optional<Address> parse(Text text) {
        ringtap_address address;
        return ringtap_address_parse(text, &address) ? Optional<Address>(address)
                                                     : Optional<Address>();
    }
    bool operator==(const Address &other) const {
        return ringtap_address_equal(this, &other);
    }
    bool operator!=(const Address &other) const {
        return !(*this == other);
    }
};

/// A MAC address.
class Mac : public ringtap_mac {
  public:
    constexpr Mac() : ringtap_mac{{0}} {}
    constexpr Mac(ringtap_mac mac) : ringtap_mac(mac) {}

    bool operator==(const Mac &other) const {
        return __builtin_memcmp(bytes, other.bytes, sizeof bytes) == 0;
    }
};

/// A value as text, on the stack: `Shown(address).text()`.
class Shown {
  public:
    Shown(const Address &address) {
        ringtap_address_text(address, text_);
    }
    Shown(const Mac &mac) {
        ringtap_mac_text(mac, text_);
    }
    Shown(uint64_t number) {
        ringtap_u64_text(number, text_);
    }
    const char *text() const {
        return text_;
    }

  private:
    char text_[RINGTAP_ADDRESS_TEXT];
};

/// The strings one after the other, in memory of this call.
template <class... More> const char *concat(const char *first, More... more) {
    return ringtap_concat_(first, more..., static_cast<const char *>(nullptr));
}

/// The plugin's config; see `ringtap/config.h`.
class Config {
  public:
    explicit Config(Text text) {
        ringtap_config_read(&config_, text);
    }
    uint64_t integer(const char *key, uint64_t otherwise, uint64_t least, uint64_t most) {
        return ringtap_config_integer(&config_, key, otherwise, least, most);
    }
    /// In ns.
    uint64_t seconds(const char *key, uint64_t otherwise, uint64_t least, uint64_t most) {
        return ringtap_config_seconds(&config_, key, otherwise, least, most);
    }
    bool truth(const char *key, bool otherwise) {
        return ringtap_config_truth(&config_, key, otherwise);
    }
    Text text(const char *key, const char *otherwise) {
        return ringtap_config_text(&config_, key, otherwise);
    }
    Error finish() const {
        return ringtap_config_finish(&config_);
    }

  private:
    ringtap_config config_;
};

inline Optional<Text> interface_name(uint32_t ifindex) {
    ringtap_text name;
    return ringtap_interface_name(ifindex, &name) ? Optional<Text>(name) : Optional<Text>();
}

/// The value of a key, in memory of this call.
inline Optional<Bytes> kv_get(const char *key) {
    ringtap_bytes value;
    return ringtap_kv_get(key, &value) ? Optional<Bytes>(value) : Optional<Bytes>();
}

} // namespace ringtap

#endif
