// A plugin as a class, with all that the headers for C++ have.
#include "ringtap.hpp"
#include "ringtap/testing.h"

class Sample : public ringtap::Plugin {
  public:
    static constexpr ringtap::Interest interests[] = {
        ringtap::Interest("all", ""),
        ringtap::Interest("dns", "udp port 53").payload(64).sample_flows(10),
    };
    static constexpr ringtap::Description description =
        ringtap::Description("sample", "1.0.0").interests(interests).tick_ms(1000).state(2, 1);

    ringtap::Error init(ringtap::Text text) {
        ringtap::Config config(text);
        limit_ = config.integer("limit", 5, 1, 10);
        name_len_ = config.text("name", "none").len;
        if (ringtap::Error error = config.finish()) {
            return error;
        }
        static constexpr double bounds[] = {1, 2};
        const ringtap::Label labels[] = {{"a", "b"}};
        if (ringtap::Error error = sizes_.define("sizes", "", bounds, labels)) {
            return error;
        }
        return packets_.define("packets_total", "");
    }

    void on_packets(const ringtap::Batch &batch) {
        for (ringtap::Packet packet : batch) {
            packets_.add(packet.packets());
            sizes_.observe(packet.wire_len());
            by_port_.with(ringtap::Shown(packet.dst_port().value_or(0)).text()).set(1);
            ringtap::Event("packet", packet.time_ns())
                .maybe("src", packet.src())
                .maybe("port", packet.src_port())
                .maybe("mac", packet.eth_src())
                .maybe("direction", ringtap::Optional<const char *>())
                .field("i", -1)
                .field("limit", limit_)
                .field("half", 0.5)
                .field("syn", packet.tcp_flags().is(RINGTAP_TCP_SYN))
                .field("payload", packet.payload())
                .emit();
        }
    }

    void tick(uint64_t now_ns) {
        by_port_.forget("53");
        ringtap::Event("tick", now_ns).field("series", uint64_t{by_port_.size()}).emit();
    }

    ringtap::Error save(ringtap::Writer &out) {
        ringtap_write_u64(&out, name_len_);
        return nullptr;
    }

    ringtap::Error restore(uint32_t schema, ringtap::Reader &saved) {
        name_len_ = ringtap_read_u64(&saved);
        return schema == 2 && ringtap_reader_is_done(&saved) ? nullptr : "damaged";
    }

  private:
    uint64_t limit_ = 0;
    uint64_t name_len_ = 0;
    ringtap::Counter packets_;
    ringtap::Histogram sizes_;
    ringtap::Family<ringtap::Gauge, 1> by_port_{"by_port", "", {"port"}};
};

RINGTAP_PLUGIN(Sample)
RINGTAP_AGGREGATE(Sample)
RINGTAP_STATE(Sample)

RINGTAP_TEST(a_class_is_a_plugin) {
    RINGTAP_CHECK(ringtap_test_start("name = 'abc'") == nullptr);
    ringtap_test_record packets[] = {ringtap_test_udp("192.0.2.1:5000", "192.0.2.2:53"),
                                     ringtap_test_frame()};
    packets[0].payload = {reinterpret_cast<const uint8_t *>("\x01\x02"), 2};
    ringtap_test_packets(packets, 2);
    RINGTAP_CHECK(ringtap_test_metric("packets_total", NULL) == 2);
    RINGTAP_CHECK(ringtap_test_metric("sizes", "a", "b", NULL) == 200);
    RINGTAP_CHECK(ringtap_test_metric("by_port", "port", "53", NULL) == 1);
    RINGTAP_CHECK_TEXT(ringtap_test_told(),
                       "0 packet src=192.0.2.1 port=5000 i=-1 limit=5 half=0.5 syn=false "
                       "payload=0102\n"
                       "0 packet i=-1 limit=5 half=0.5 syn=false payload=\n");
    ringtap_test_tick(7);
    RINGTAP_CHECK_TEXT(ringtap_test_told(), "7 tick series=1\n");
    RINGTAP_CHECK(ringtap_test_series("by_port") == 1);
    ringtap_bytes saved;
    RINGTAP_CHECK(ringtap_test_save(&saved) == nullptr && saved.len == 8 && saved.data[0] == 3);
    RINGTAP_CHECK(ringtap_test_restore(2, saved) == nullptr);
    RINGTAP_CHECK_TEXT(ringtap_test_restore(1, saved), "damaged");
}

RINGTAP_TEST(a_class_describes_itself) {
    ringtap_description description = Sample::description.c();
    RINGTAP_CHECK_TEXT(description.name, "sample");
    RINGTAP_CHECK(description.tick_ms == 1000 && description.interest_count == 2);
    RINGTAP_CHECK(description.interests[1].payload == 64);
    RINGTAP_CHECK(description.interests[1].sample_one_in == 10);
    RINGTAP_CHECK(description.interests[1].sample_flows && !description.interests[0].sample_flows);
    RINGTAP_CHECK(description.state->writes == 2 && description.state->reads_from == 1);
}

RINGTAP_TEST(values_compare) {
    auto address = ringtap::Address::parse("192.0.2.1");
    RINGTAP_CHECK(address && address.is(*ringtap::Address::parse("192.0.2.1")));
    RINGTAP_CHECK(*address != *ringtap::Address::parse("::ffff:192.0.2.1"));
    RINGTAP_CHECK(!ringtap::Address::parse("192.0.2"));
    RINGTAP_CHECK(ringtap::Text("a") == ringtap_text_of("a") && ringtap::Text("a") != "b");
    RINGTAP_CHECK_TEXT(ringtap::concat("a", "b", "c"), "abc");
}
