package main

import (
	"testing"

	"ringtap.dev/plugin/ringtaptest"
)

func TestEachInterestHasItsCounter(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	name := ringtaptest.UDP("192.0.2.53:53", "192.0.2.1:5000").Matched(1 << names)
	host.Packets(
		ringtaptest.TCP("192.0.2.1:5000", "192.0.2.2:443", 0).Matched(1<<web).Sampled(10),
		name.Payload([]byte{0, 7, 0x81}), name.Payload([]byte{0, 7, 0x01}), name)
	for metric, want := range map[string]float64{"services_web_packets_total": 10, "services_answers_total": 1} {
		if value, _ := host.Metric(metric); value != want {
			t.Errorf("%s is %v", metric, value)
		}
	}
}
