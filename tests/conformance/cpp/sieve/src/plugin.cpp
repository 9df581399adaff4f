// The plugin `sieve` of tests/conformance: TCP packets of one host.
#include <ringtap.hpp>

class Sieve : public ringtap::Plugin {
  public:
    static constexpr ringtap::Description description{"sieve", "1.0.0"};

    ringtap::Error init(ringtap::Text text) {
        ringtap::Config config(text);
        ringtap::Text host = config.text("host", "198.51.100.1");
        if (ringtap::Error error = config.finish()) {
            return error;
        }
        auto address = ringtap::Address::parse(host);
        if (!address) {
            return ringtap::concat("config key `host`: ", host.data, " is no IP address");
        }
        host_ = *address;
        return kept_.define("sieve_kept_total", "Packets that were kept.");
    }

    bool keep(ringtap::Packet packet) {
        bool is_hosts =
            packet.protocol().is(6) && (packet.src().is(host_) || packet.dst().is(host_));
        if (is_hosts) {
            kept_.add(packet.packets());
        }
        return is_hosts;
    }

  private:
    ringtap::Address host_;
    ringtap::Counter kept_;
};

RINGTAP_PLUGIN(Sieve)
RINGTAP_FILTER(Sieve)
