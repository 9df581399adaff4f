// The plugin `meter` of tests/conformance: packets and bytes by destination.
#include "table.hpp"

#include <ringtap.hpp>

class Meter : public ringtap::Plugin {
  public:
    static constexpr ringtap::Interest interests[] = {
        ringtap::Interest("all", ""),
        ringtap::Interest("dns", "udp port 53").payload(512),
    };
    static constexpr ringtap::Description description =
        ringtap::Description("meter", "1.0.0").tick_ms(1000).interests(interests).state(1, 1);

    ringtap::Error init(ringtap::Text text) {
        ringtap::Config config(text);
        limit_ = config.integer("limit", 1000, 1, 100000);
        trap_after_ = config.integer("trap_after", 0, 0, 1000000000);
        if (ringtap::Error error = config.finish()) {
            return error;
        }
        ringtap_info(ringtap::concat("meter starts with limit ", ringtap::Shown(limit_).text()));
        static constexpr double bounds[] = {64, 128, 256, 512, 1024, 1518};
        if (auto error = sizes_.define("meter_packet_bytes", "Sizes of packets.", bounds)) {
            return error;
        }
        return known_.define("meter_destinations", "Destinations that are known.");
    }

    void on_packets(const ringtap::Batch &batch) {
        for (ringtap::Packet packet : batch) {
            records_++;
            if (trap_after_ > 0 && records_ == trap_after_) {
                ringtap_panic("told to");
            }
            sizes_.observe(packet.wire_len());
            if (auto dst = packet.dst()) {
                count(packet, *dst);
            }
            if (packet.matches(1)) {
                tell_dns(packet);
            }
        }
        known_.set(table_.size());
    }

    void tick(uint64_t now_ns) {
        uint64_t all = 0;
        for (const Destination &to : table_) {
            all += to.bytes;
        }
        double first = table_.size() == 0 ? 0 : static_cast<double>(table_[0].bytes);
        ringtap::Event("tick", now_ns)
            .field("destinations", table_.size())
            .field("records", records_)
            .field("share", all == 0 ? 0.0 : first / static_cast<double>(all))
            .emit();
    }

    void stop(uint64_t now_ns) {
        for (const Destination &to : table_) {
            ringtap::Event("total", now_ns)
                .field("dst", to.address)
                .field("bytes", to.bytes)
                .field("packets", to.packets)
                .field("delta", static_cast<int64_t>(to.packets - to.bytes))
                .emit();
        }
    }

    ringtap::Error save(ringtap::Writer &out) {
        ringtap_write_u64(&out, records_);
        ringtap_write_u32(&out, table_.size());
        for (const Destination &to : table_) {
            to.save(out);
        }
        return nullptr;
    }

    ringtap::Error restore(uint32_t, ringtap::Reader &saved) {
        static constexpr const char *damaged = "the saved state is damaged";
        uint64_t records = ringtap_read_u64(&saved);
        uint32_t count = ringtap_read_u32(&saved);
        if (saved.is_short || saved.left != uint64_t{count} * Destination::saved_len) {
            return damaged;
        }
        Table all;
        for (uint32_t i = 0; i < count; i++) {
            Destination to;
            if (!to.restore(saved) || all.find(to.address) != nullptr) {
                return damaged;
            }
            all.add(to.address) = to;
            if (table_.size() < limit_) {
                table_.add(to.address) = to;
            }
        }
        records_ = records;
        return nullptr;
    }

  private:
    void count(ringtap::Packet packet, const ringtap::Address &dst) {
        uint64_t bytes = packet.wire_bytes();
        Destination *to = table_.find(dst);
        if (to == nullptr && table_.size() == limit_) {
            bytes_.with("other").add(bytes);
            return;
        }
        if (to == nullptr) {
            to = &table_.add(dst);
        }
        if (!to->counter) {
            to->counter = bytes_.with(ringtap::Shown(dst).text());
        }
        to->bytes += bytes;
        to->packets += packet.packets();
        to->counter.add(bytes);
    }

    static void tell_dns(ringtap::Packet packet) {
        ringtap::Bytes payload = packet.payload();
        ringtap::Event("dns", packet.time_ns())
            .maybe("src", packet.src())
            .maybe("dst", packet.dst())
            .maybe("src_port", packet.src_port())
            .field("payload", payload)
            .field("is_answer", payload.size() > 2 && (payload[2] & 0x80) != 0)
            .emit();
    }

    uint64_t limit_ = 0;
    uint64_t trap_after_ = 0;
    uint64_t records_ = 0;
    Table table_;
    ringtap::Histogram sizes_;
    ringtap::Gauge known_;
    ringtap::Family<ringtap::Counter, 1> bytes_{
        "meter_bytes_total", "Bytes by destination.", {"dst"}};
};

RINGTAP_PLUGIN(Meter)
RINGTAP_AGGREGATE(Meter)
RINGTAP_STATE(Meter)
