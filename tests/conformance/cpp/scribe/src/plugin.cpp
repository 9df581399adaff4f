// The plugin `scribe` of tests/conformance: a copy of each event.
#include <ringtap.hpp>

class Scribe : public ringtap::Plugin {
  public:
    static constexpr ringtap::Description description{"scribe", "1.0.0"};

    ringtap::Error init(ringtap::Text text) {
        return ringtap::Config(text).finish();
    }

    void on_events(const ringtap::Events &events) {
        for (ringtap::Received received : events) {
            ringtap::Event copy("copy", received.time_ns());
            copy.field("from", received.plugin()).field("was", received.kind());
            for (const ringtap_field &field : received) {
                copy.field(field.name.data, field.value);
            }
            copy.emit();
            events_.with(received.kind().data).inc();
        }
    }

  private:
    ringtap::Family<ringtap::Counter, 1> events_{
        "scribe_events_total", "Events by kind.", {"kind"}};
};

RINGTAP_PLUGIN(Scribe)
RINGTAP_EXPORTER(Scribe)
