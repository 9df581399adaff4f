// Counts attempts to open TCP connections, by destination port.
#include <ringtap.hpp>

class Attempts : public ringtap::Plugin {
  public:
    static constexpr ringtap::Description description{"tcp-attempts", "0.1.0"};

    ringtap::Error init(ringtap::Text) {
        return nullptr;
    }

    void on_packets(const ringtap::Batch &batch) {
        for (ringtap::Packet packet : batch) {
            uint16_t flags = packet.tcp_flags().value_or(0);
            if ((flags & RINGTAP_TCP_SYN) == 0 || (flags & RINGTAP_TCP_ACK) != 0) {
                continue;
            }
            // Anybody can send to any port, and each one named is a series of its own.
            auto port = packet.dst_port();
            bool is_known = port && *port < 1024;
            auto name = ringtap::Shown(is_known ? *port : 0);
            attempts_.with(is_known ? name.text() : "other").add(packet.packets());
        }
    }

  private:
    ringtap::Family<ringtap::Counter, 1> attempts_{
        "tcp_attempts_total", "TCP connections asked for.", {"port"}};
};

RINGTAP_PLUGIN(Attempts)
RINGTAP_AGGREGATE(Attempts)
