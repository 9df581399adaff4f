package main

import (
	"testing"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/ringtaptest"
)

func TestAttemptsAreCountedByPort(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	to := func(port string, flags ringtap.TCPFlags) ringtaptest.Record {
		return ringtaptest.TCP("192.0.2.1:5000", "192.0.2.2:"+port, flags)
	}
	host.Packets(
		to("80", ringtap.TCPSYN), to("80", ringtap.TCPSYN), to("80", ringtap.TCPSYN|ringtap.TCPACK),
		to("8080", ringtap.TCPSYN), ringtaptest.UDP("192.0.2.1:5000", "192.0.2.2:80"))
	for port, want := range map[string]float64{"80": 2, "other": 1} {
		value, _ := host.Metric("tcp_attempts_total", ringtap.Label{Name: "port", Value: port})
		if value != want {
			t.Errorf("to %s: %v", port, value)
		}
	}
	if series := host.Metrics("tcp_attempts_total"); len(series) != 2 {
		t.Error(series)
	}
}
