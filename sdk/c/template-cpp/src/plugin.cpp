// Counts packets and bytes by IP protocol.
//
// Metrics: {{ident}}_packets_total and {{ident}}_bytes_total, with the label protocol.
//
// Events: protocol for each of them, every so many seconds and at the end, with what was counted
// since the plugin first ran, over all its versions.
//
// Config, with its default:
//
//     report_seconds = 60
#include <ringtap.hpp>

namespace {

// IANA assigns the numbers. The others are one series, so that nobody who sends packets decides how
// many series there are.
enum { icmp, icmp6, none, other, tcp, udp, protocols };
constexpr const char *names[] = {"icmp", "icmp6", "none", "other", "tcp", "udp"};

unsigned protocol_of(ringtap::Packet packet) {
    auto number = packet.protocol();
    if (!number) {
        return none;
    }
    switch (*number) {
    case 1:
        return icmp;
    case 6:
        return tcp;
    case 17:
        return udp;
    case 58:
        return icmp6;
    default:
        return other;
    }
}

class Protocols : public ringtap::Plugin {
  public:
    static constexpr ringtap::Description description =
        ringtap::Description("{{name}}", "0.1.0").tick_ms(1000).state(1, 1);

    ringtap::Error init(ringtap::Text text) {
        ringtap_report_panics();
        ringtap::Config config(text);
        report_every_ns_ = config.seconds("report_seconds", 60, 1, 86400);
        return config.finish();
    }

    void on_packets(const ringtap::Batch &batch) {
        for (ringtap::Packet packet : batch) {
            unsigned protocol = protocol_of(packet);
            // Of one record, these can be more: it may stand for a sample or for a super-packet.
            totals_[protocol].packets += packet.packets();
            totals_[protocol].bytes += packet.wire_bytes();
            packets_.with(names[protocol]).add(packet.packets());
            bytes_.with(names[protocol]).add(packet.wire_bytes());
        }
    }

    // Called about every second, as the description asks for.
    void tick(uint64_t now_ns) {
        if (reported_ns_ == 0) {
            reported_ns_ = now_ns;
        }
        if (now_ns - reported_ns_ >= report_every_ns_) {
            reported_ns_ = now_ns;
            report(now_ns);
        }
    }

    void stop(uint64_t now_ns) {
        report(now_ns);
    }

    // What is known goes to the version that replaces this one.
    ringtap::Error save(ringtap::Writer &out) {
        ringtap_write_u64(&out, reported_ns_);
        for (const Total &total : totals_) {
            ringtap_write_u64(&out, total.packets);
            ringtap_write_u64(&out, total.bytes);
        }
        return nullptr;
    }

    ringtap::Error restore(uint32_t, ringtap::Reader &saved) {
        reported_ns_ = ringtap_read_u64(&saved);
        for (Total &total : totals_) {
            total.packets = ringtap_read_u64(&saved);
            total.bytes = ringtap_read_u64(&saved);
        }
        return ringtap_reader_is_done(&saved) ? nullptr : "the saved totals are damaged";
    }

  private:
    struct Total {
        uint64_t packets = 0;
        uint64_t bytes = 0;
    };

    void report(uint64_t now_ns) const {
        for (unsigned i = 0; i < protocols; i++) {
            if (totals_[i].packets > 0) {
                ringtap::Event("protocol", now_ns)
                    .field("protocol", names[i])
                    .field("packets", totals_[i].packets)
                    .field("bytes", totals_[i].bytes)
                    .emit();
            }
        }
    }

    Total totals_[protocols];
    uint64_t report_every_ns_ = 0;
    // 0 before the first tick.
    uint64_t reported_ns_ = 0;
    ringtap::Family<ringtap::Counter, 1> packets_{
        "{{ident}}_packets_total", "Packets by IP protocol.", {"protocol"}};
    ringtap::Family<ringtap::Counter, 1> bytes_{
        "{{ident}}_bytes_total", "Bytes on the wire by IP protocol.", {"protocol"}};
};

} // namespace

RINGTAP_PLUGIN(Protocols)
RINGTAP_AGGREGATE(Protocols)
RINGTAP_STATE(Protocols)
