/// A plugin as a class.
#ifndef RINGTAP_PLUGIN_HPP
#define RINGTAP_PLUGIN_HPP

#include "ringtap/event.hpp"
#include "ringtap/packet.hpp"
#include "ringtap/roles.h"
#include "ringtap/value.hpp"

namespace ringtap {

/// Packets that a plugin wants to see:
///
///     static constexpr ringtap::Interest interests[] = {
///         ringtap::Interest("dns", "udp port 53").payload(512),
///     };
class Interest : public ringtap_interest {
  public:
    constexpr Interest(const char *name, const char *filter)
        : ringtap_interest{name, filter, 1, false, 0} {}

    /// Keep one in so many of those packets, by chance.
    constexpr Interest sample(uint32_t one_in) const {
        Interest interest = *this;
        interest.sample_one_in = one_in;
        return interest;
    }
    /// Keep all packets of one in so many flows.
    constexpr Interest sample_flows(uint32_t one_in) const {
        Interest interest = sample(one_in);
        interest.ringtap_interest::sample_flows = true;
        return interest;
    }
    /// Ask for so many bytes from behind the headers. The operator has to grant them.
    constexpr Interest payload(uint32_t bytes) const {
        Interest interest = *this;
        interest.ringtap_interest::payload = bytes;
        return interest;
    }
};

static_assert(sizeof(Interest) == sizeof(ringtap_interest), "an array of one is one of the other");

/// What a plugin says about itself: its name and version, for people, and what its methods add.
class Description {
  public:
    constexpr Description(const char *name, const char *version)
        : description_{name, version, 0, nullptr, 0, nullptr}, state_{0, 0}, has_state_(false) {}

    /// Call `tick` this often; 0, the default, never. The host rounds up to 10 ms.
    constexpr Description tick_ms(uint32_t ms) const {
        Description description = *this;
        description.description_.tick_ms = ms;
        return description;
    }
    template <size_t N> constexpr Description interests(const Interest (&interests)[N]) const {
        Description description = *this;
        description.description_.interests = interests;
        description.description_.interest_count = N;
        return description;
    }
    /// For a plugin that exports state: the form that it writes, and the oldest that it reads.
    constexpr Description state(uint32_t writes, uint32_t reads_from) const {
        Description description = *this;
        description.state_ = {writes, reads_from};
        description.has_state_ = true;
        return description;
    }

    /// As C has it; `this` has to outlive it.
    ringtap_description c() const {
        ringtap_description description = description_;
        description.state = has_state_ ? &state_ : nullptr;
        return description;
    }

  private:
    ringtap_description description_;
    ringtap_state_schema state_;
    bool has_state_;
};

/// What a plugin need not have.
class Plugin {
  public:
    void tick(uint64_t now_ns) {
        (void)now_ns;
    }
    void stop(uint64_t now_ns) {
        (void)now_ns;
    }
};

using Writer = ringtap_writer;
using Reader = ringtap_reader;

/// Events of other plugins, 1 to 1024.
class Events {
  public:
    class Iterator {
      public:
        explicit Iterator(const ringtap_received *at) : at_(at) {}
        Received operator*() const {
            return Received(at_);
        }
        Iterator &operator++() {
            at_++;
            return *this;
        }
        bool operator!=(const Iterator &other) const {
            return at_ != other.at_;
        }

      private:
        const ringtap_received *at_;
    };

    Events(const ringtap_received *rows, size_t count) : rows_(rows), count_(count) {}
    Iterator begin() const {
        return Iterator(rows_);
    }
    Iterator end() const {
        return Iterator(rows_ + count_);
    }
    size_t size() const {
        return count_;
    }

  private:
    const ringtap_received *rows_;
    size_t count_;
};

/// Where an object is made in memory that is there already. The standard's has the same form, but
/// without a standard library nobody declares it.
struct Place {
    void *memory;
};

} // namespace ringtap

inline void *operator new(size_t, ringtap::Place place) noexcept {
    return place.memory;
}

namespace ringtap {

/// Hands the calls of the host to the instance of a class.
template <class P> class Glue {
  public:
    static const ringtap_description *description() {
        static ringtap_description description;
        description = P::description.c();
        return &description;
    }
    static ringtap_error init(ringtap_text config) {
        return (new (Place{&memory_}) P())->init(Text(config));
    }
    static void tick(uint64_t now_ns) {
        plugin().tick(now_ns);
    }
    static void stop(uint64_t now_ns) {
        plugin().stop(now_ns);
    }
    static void on_packets(const ringtap_batch *batch) {
        plugin().on_packets(Batch(batch));
    }
    static bool keep(ringtap_packet packet) {
        return plugin().keep(Packet(packet));
    }
    static void on_events(const ringtap_received *rows, size_t count) {
        plugin().on_events(Events(rows, count));
    }
    static ringtap_error save(ringtap_writer *out) {
        return plugin().save(*out);
    }
    static ringtap_error restore(uint32_t schema, ringtap_reader *saved) {
        return plugin().restore(schema, *saved);
    }

  private:
    static P &plugin() {
        return *reinterpret_cast<P *>(&memory_);
    }

    alignas(P) static inline unsigned char memory_[sizeof(P)];
};

} // namespace ringtap

/// Required of every plugin, once: a class with `description`, a constructor without parameters and
/// `Error init(Text config)`, and if it wants `tick` and `stop`.
#define RINGTAP_PLUGIN(Class)                                                                 \
    RINGTAP_EXPORT_LIFECYCLE(ringtap::Glue<Class>::description(), ringtap::Glue<Class>::init, \
                             ringtap::Glue<Class>::tick, ringtap::Glue<Class>::stop)

/// With `void on_packets(const Batch &)`.
#define RINGTAP_AGGREGATE(Class) RINGTAP_EXPORT_AGGREGATE(ringtap::Glue<Class>::on_packets)

/// With `bool keep(Packet)`.
#define RINGTAP_FILTER(Class) RINGTAP_EXPORT_FILTER(ringtap::Glue<Class>::keep)

/// With `void on_events(const Events &)`.
#define RINGTAP_EXPORTER(Class) RINGTAP_EXPORT_EXPORTER(ringtap::Glue<Class>::on_events)

/// With `Error save(Writer &)` and `Error restore(uint32_t schema, Reader &)`.
#define RINGTAP_STATE(Class) \
    RINGTAP_EXPORT_STATE(ringtap::Glue<Class>::save, ringtap::Glue<Class>::restore)

#endif
