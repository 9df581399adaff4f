/// Events.
#ifndef RINGTAP_EVENT_HPP
#define RINGTAP_EVENT_HPP

#include "ringtap/events.h"
#include "ringtap/roles.h"
#include "ringtap/value.hpp"

namespace ringtap {

/// A value of a field, with the type that it has in C++: signed and unsigned whole numbers are told
/// apart, and addresses are text.
class Value : public ringtap_value {
  public:
    Value(const ringtap_value &value) : ringtap_value(value) {}
    Value(const char *text) : ringtap_value(ringtap_text_value(text)) {}
    Value(Text text) : ringtap_value() {
        type = RINGTAP_TEXT;
        as.text = text;
    }
    Value(const Address &address) : Value(copied(Shown(address).text())) {}
    Value(const Mac &mac) : Value(copied(Shown(mac).text())) {}
    Value(Bytes bytes) : ringtap_value(ringtap_bytes_value(bytes)) {}
    Value(bool truth) : ringtap_value(ringtap_truth_value(truth)) {}
    Value(double number) : ringtap_value(ringtap_float_value(number)) {}
    Value(int number) : ringtap_value(ringtap_int_value(number)) {}
    Value(long number) : ringtap_value(ringtap_int_value(number)) {}
    Value(long long number) : ringtap_value(ringtap_int_value(number)) {}
    Value(unsigned char number) : ringtap_value(ringtap_uint_value(number)) {}
    Value(unsigned short number) : ringtap_value(ringtap_uint_value(number)) {}
    Value(unsigned number) : ringtap_value(ringtap_uint_value(number)) {}
    Value(unsigned long number) : ringtap_value(ringtap_uint_value(number)) {}
    Value(unsigned long long number) : ringtap_value(ringtap_uint_value(number)) {}

  private:
    static Text copied(const char *text) {
        return ringtap_call_text(text, __builtin_strlen(text));
    }
};

/// A row that is being made:
///
///     ringtap::Event("handshake", packet.time_ns())
///         .field("server", address)
///         .maybe("port", packet.dst_port())
///         .emit();
///
/// Texts and bytes are not copied, except addresses: they have to last until the call ends.
class Event {
  public:
    Event(const char *kind, uint64_t time_ns) : row_(ringtap_row_new(kind, time_ns)) {}
    /// A row with what an event has.
    explicit Event(const ringtap_event &event) : row_(ringtap_row_of(&event)) {}

    /// Add a field.
    Event &field(const char *name, const Value &value) {
        ringtap_row_value(row_, name, value);
        return *this;
    }
    /// Add a field if there is a value for it.
    template <class T> Event &maybe(const char *name, const Optional<T> &value) {
        return value ? field(name, *value) : *this;
    }
    Event &kind(const char *kind) {
        ringtap_row_kind(row_, kind);
        return *this;
    }
    /// Put a value in place of the one that the field has, or add the field.
    Event &set(const char *name, const Value &value) {
        ringtap_row_set(row_, name, value);
        return *this;
    }
    Event &without(const char *name) {
        ringtap_row_without(row_, name);
        return *this;
    }
    /// Emit the row when the call ends. Panics then if the host refuses it.
    void emit() const {
        ringtap_row_emit(row_);
    }
    const ringtap_event &c() const {
        return row_->event;
    }

  private:
    ringtap_row *row_;
};

/// An event of another plugin.
class Received {
  public:
    explicit Received(const ringtap_received *received) : received_(received) {}

    /// The plugin that emitted it, as the host calls it.
    Text plugin() const {
        return received_->plugin;
    }
    Text kind() const {
        return received_->event.kind;
    }
    uint64_t time_ns() const {
        return received_->event.time_ns;
    }
    const ringtap_event &event() const {
        return received_->event;
    }
    /// A field, if it is of that type, or a whole number that fits.
    Optional<Text> text(const char *name) const {
        return asked<Text>(ringtap_event_text, name);
    }
    Optional<uint64_t> uint(const char *name) const {
        return asked<uint64_t>(ringtap_event_uint, name);
    }
    Optional<int64_t> integer(const char *name) const {
        return asked<int64_t>(ringtap_event_int, name);
    }
    Optional<double> number(const char *name) const {
        return asked<double>(ringtap_event_float, name);
    }
    Optional<bool> truth(const char *name) const {
        return asked<bool>(ringtap_event_truth, name);
    }
    Optional<Bytes> bytes(const char *name) const {
        return asked<Bytes>(ringtap_event_bytes, name);
    }
    const ringtap_field *begin() const {
        return received_->event.fields;
    }
    const ringtap_field *end() const {
        return begin() + received_->event.field_count;
    }

  private:
    template <class T, class From>
    Optional<T> asked(bool (*ask)(const ringtap_event *, const char *, From *),
                      const char *name) const {
        From value;
        return ask(&received_->event, name, &value) ? Optional<T>(value) : Optional<T>();
    }

    const ringtap_received *received_;
};

} // namespace ringtap

#endif
