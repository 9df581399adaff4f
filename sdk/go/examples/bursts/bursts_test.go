package main

import (
	"slices"
	"testing"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/ringtaptest"
)

const second = 1_000_000_000

func TestOnlyASecondOverTheLimitIsTold(t *testing.T) {
	host := ringtaptest.New(t, start, "mbit_per_second = 1")
	host.NameInterface(1, "eth0")
	packet := ringtaptest.UDP("192.0.2.1:5000", "192.0.2.2:53").Len(1250)

	host.Packets(slices.Repeat([]ringtaptest.Record{packet}, 100)...)
	host.Tick(second)
	if events := host.TakeEvents(); len(events) != 0 {
		t.Errorf("%d events of a second within the limit", len(events))
	}

	host.Packets(slices.Repeat([]ringtaptest.Record{packet}, 101)...)
	host.Tick(2 * second)
	events := host.TakeEvents()
	if len(events) != 1 || events[0].Kind() != "burst" {
		t.Fatalf("%d events", len(events))
	}
	for name, want := range map[string]ringtap.Value{
		"interface": ringtap.Text("eth0"),
		"bytes":     ringtap.Uint(126_250),
		"seconds":   ringtap.Float(1),
	} {
		if value, _ := events[0].Value(name); value != want {
			t.Errorf("%s is %v", name, value)
		}
	}
	if sum, _ := host.Metric("bursts_packet_bytes"); sum != 251_250 {
		t.Errorf("bursts_packet_bytes is %v", sum)
	}
}

func TestAKeyThatIsMisspeltRefusesThePlugin(t *testing.T) {
	want := "config key `mbit_per_secnod` is not known; there are: mbit_per_second"
	if refusal := ringtaptest.Refusal(t, start, "mbit_per_secnod = 1"); refusal != want {
		t.Error(refusal)
	}
}
