package main

import (
	"testing"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/ringtaptest"
)

func TestOnlyLongFlowsPass(t *testing.T) {
	host := ringtaptest.New(t, func(string) (long, error) { return long{}, nil }, "")
	flow := func(lastNs uint64) ringtap.Received {
		event := ringtap.NewEvent("flow", 7).Text("src", "192.0.2.1").Uint("first_ns", second).Uint("last_ns", lastNs)
		return ringtap.Received{Plugin: "flow-log", Event: event}
	}
	host.Received(flow(2*second), flow(2*second+1), ringtap.Received{Plugin: "other", Event: ringtap.NewEvent("flow", 7)})
	events := host.TakeEvents()
	if len(events) != 1 || events[0].Kind() != "long_flow" {
		t.Fatalf("%d events", len(events))
	}
	if _, ok := events[0].Value("src"); ok {
		t.Error("the address is still there")
	}
	if from, _ := events[0].Value("from"); from != ringtap.Text("flow-log") {
		t.Error(from)
	}
}
