/// Batches and packets.
#ifndef RINGTAP_PACKET_HPP
#define RINGTAP_PACKET_HPP

#include "ringtap/packet.h"
#include "ringtap/value.hpp"

namespace ringtap {

/// A packet, as a view of its record: reading it is a load.
class Packet {
  public:
    explicit Packet(ringtap_packet packet) : packet_(packet) {}

    /// For the functions of `ringtap/packet.h`.
    ringtap_packet c() const {
        return packet_;
    }
    /// Whether all bits of `marks` are set, which are `RINGTAP_MARK_…`.
    bool has(uint32_t marks) const {
        return ringtap_packet_has(packet_, marks);
    }
    /// Whether the plugin's interest of that index, from 0, took this packet.
    bool matches(uint32_t interest) const {
        return ringtap_packet_matches(packet_, interest);
    }
    /// When the tap saw the packet, Unix time in ns.
    uint64_t time_ns() const {
        return ringtap_packet_time_ns(packet_);
    }
    /// Packets that this record stands for on the wire. Count with this, not with 1.
    uint64_t packets() const {
        return ringtap_packet_packets(packet_);
    }
    /// Bytes that this record stands for on the wire. Count with this, not with `wire_len`.
    uint64_t wire_bytes() const {
        return ringtap_packet_wire_bytes(packet_);
    }
    /// This record stands for so many; `packets` and `wire_bytes` have it in them.
    uint32_t sample_one_in() const {
        return ringtap_packet_sample_one_in(packet_);
    }
    /// The first bytes from behind the headers, as far as they were asked for, granted and are
    /// there.
    Bytes payload() const {
        return ringtap_packet_payload(packet_);
    }
    /// How a GSO super-packet is cut before the wire.
    Optional<ringtap_gso> gso() const {
        return asked<ringtap_gso>(ringtap_packet_gso);
    }
    /// What an ARP packet says.
    Optional<ringtap_arp> arp() const {
        return asked<ringtap_arp>(ringtap_packet_arp);
    }
    /// VLAN tags, at most 4.
    uint32_t vlan_count() const {
        return ringtap_packet_vlan_count(packet_);
    }
    /// The tag of that number, from 0 and below the count, outermost first.
    ringtap_vlan_tag vlan_tag(uint32_t number) const {
        return ringtap_packet_vlan_tag(packet_, number);
    }
    /// Where the tap sits.
    ringtap_hook hook() const {
        return ringtap_packet_hook(packet_);
    }
    /// Which way the packet passed; not known in replay.
    Optional<ringtap_direction> direction() const {
        return asked<ringtap_direction>(ringtap_packet_direction);
    }
    /// IPv4's "don't fragment".
    bool dont_fragment() const {
        return ringtap_packet_dont_fragment(packet_);
    }

#include "ringtap/record.inc.hpp"

  private:
    template <class T, class From> Optional<T> asked(bool (*ask)(ringtap_packet, From *)) const {
        From value;
        return ask(packet_, &value) ? Optional<T>(value) : Optional<T>();
    }

    ringtap_packet packet_;
};

/// Packets that the host handed over together, in the order in which a tap saw them.
class Batch {
  public:
    class Iterator {
      public:
        Iterator(const ringtap_batch *batch, uint32_t number) : batch_(batch), number_(number) {}
        Packet operator*() const {
            return Packet(ringtap_packet_at(batch_, number_));
        }
        Iterator &operator++() {
            number_++;
            return *this;
        }
        bool operator!=(const Iterator &other) const {
            return number_ != other.number_;
        }

      private:
        const ringtap_batch *batch_;
        uint32_t number_;
    };

    explicit Batch(const ringtap_batch *batch) : batch_(batch) {}

    Iterator begin() const {
        return Iterator(batch_, 0);
    }
    Iterator end() const {
        return Iterator(batch_, batch_->count);
    }
    /// 1 to 1024.
    uint32_t size() const {
        return batch_->count;
    }
    /// Number of the first record among all that were meant for this plugin, from 0.
    uint64_t sequence() const {
        return batch_->sequence;
    }
    /// Records lost between the batch before and this one, because the plugin was too slow.
    uint64_t shed_before() const {
        return batch_->shed_before;
    }

  private:
    const ringtap_batch *batch_;
};

} // namespace ringtap

#endif
