// Passes on long flows only, by another name and without addresses.
package main

import (
	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/exporter"
)

const second = 1_000_000_000

type long struct{}

func (long) OnEvents(events []ringtap.Received) {
	for _, received := range events {
		event := received.Event
		first, _ := event.Value("first_ns")
		last, _ := event.Value("last_ns")
		from, hasFrom := first.Uint()
		to, hasTo := last.Uint()
		if hasFrom && hasTo && to > from+second {
			event.WithKind("long_flow").
				Set("from", ringtap.Text(received.Plugin)).
				Without("src").
				Without("dst").
				Emit()
		}
	}
}

func init() {
	exporter.Register(ringtap.Plugin[long]{
		Name:    "long",
		Version: "0.1.0",
		New:     func(string) (long, error) { return long{}, nil },
	})
}

func main() {}
