//go:build !wasip1

package ringtap_test

import (
	"slices"
	"testing"
	"time"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/state"
)

func TestAPluginIsDescribedAsItWasRegistered(t *testing.T) {
	defer func() { call.Plugin = nil }()
	plugin := ringtap.Plugin[*counts]{
		Name: "counts", Version: "1.2.3", New: startCounts, State: state.Of[*counts](3, 2),
		Interests: []ringtap.Interest{
			{Name: "web", Filter: "tcp", SampleFlows: 100, Payload: 64},
			{Name: "some", Sample: 10},
			{Name: "all"},
		},
	}
	aggregate.Register(plugin)
	described := call.Plugin.Describe()
	is(t, "name", described.Name+" "+described.Version, "counts 1.2.3")
	is(t, "tick", described.TickMs, 0)
	is(t, "state", *described.State, call.Schema{Writes: 3, ReadsFrom: 2})
	want := []call.Interest{
		{Name: "web", Filter: "tcp", SampleOneIn: 100, ByFlow: true, Payload: 64},
		{Name: "some", SampleOneIn: 10},
		{Name: "all", SampleOneIn: 1},
	}
	if !slices.Equal(described.Interests, want) {
		t.Errorf("%+v", described.Interests)
	}
	panics(t, "ringtap: a component has one plugin, and another one is registered: counts",
		func() { aggregate.Register(plugin) })
}

func TestWhatCantBeAPlugin(t *testing.T) {
	panics(t, "ringtap: the plugin counts has no New",
		func() { ringtap.Register(ringtap.Plugin[*counts]{Name: "counts"}) })
	panics(t, "ringtap: the plugin counts has a Tick, but no method Tick(nowNs uint64)", func() {
		ringtap.Register(ringtap.Plugin[*counts]{Name: "counts", New: startCounts, Tick: time.Second})
	})
	panics(t, "ringtap: a plugin reads the form of its state that it writes",
		func() { state.Of[*counts](1, 2) })
}
