// Scribe copies every event that it is given.
package main

import (
	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/exporter"
)

type scribe struct {
	events *ringtap.Family[*ringtap.Counter]
}

func start(text string) (*scribe, error) {
	config, err := ringtap.ParseConfig(text)
	if err != nil {
		return nil, err
	}
	events := ringtap.NewCounterFamily("scribe_events_total", "Events by kind.", "kind")
	return &scribe{events}, config.Finish()
}

func (s *scribe) OnEvents(events []ringtap.Received) {
	for _, received := range events {
		event := received.Event
		if counter, err := s.events.With(event.Kind()); err == nil {
			counter.Inc()
		}
		copied := ringtap.NewEvent("copy", event.TimeNs()).
			Text("from", received.Plugin).
			Text("was", event.Kind())
		for name, value := range event.Fields() {
			copied.Field(name, value)
		}
		copied.Emit()
	}
}

func init() {
	exporter.Register(ringtap.Plugin[*scribe]{Name: "scribe", Version: "1.0.0", New: start})
}

func main() {}
