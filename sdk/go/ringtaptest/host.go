//go:build !wasip1

// Package ringtaptest runs a plugin in a test, with a host that keeps what it is told.
//
//	func TestBytes(t *testing.T) {
//		host := ringtaptest.New(t, start, "")
//		host.Packets(ringtaptest.UDP("10.0.0.1:5000", "10.0.0.2:53").Len(70))
//		if bytes, _ := host.Metric("bytes_total"); bytes != 70 {
//			t.Error(bytes)
//		}
//	}
//
// The host is that of the process, so tests that use it can't be parallel, and one is started at a time.
package ringtaptest

import (
	"slices"
	"strings"
	"testing"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/host"
)

// Host is a plugin and its host.
type Host[P any] struct {
	t        testing.TB
	new      func(config string) (P, error)
	plugin   P
	sequence uint64
}

// New starts a plugin on a host that knows of nothing yet, and ends the test if the plugin refuses.
func New[P any](t testing.TB, start func(config string) (P, error), config string) *Host[P] {
	t.Helper()
	h := &Host[P]{t: t, new: start}
	host.Current = host.NewRecorder()
	plugin, err := begin(start, config)
	if err != nil {
		t.Fatalf("the plugin refused to start: %v", err)
	}
	h.plugin = plugin
	return h
}

// Refusal is what a plugin says that must refuse to start, and ends the test if it does not.
func Refusal[P any](t testing.TB, start func(config string) (P, error), config string) string {
	t.Helper()
	host.Current = host.NewRecorder()
	_, err := begin(start, config)
	if err == nil {
		t.Fatal("the plugin did not refuse to start")
	}
	return err.Error()
}

func begin[P any](start func(config string) (P, error), config string) (P, error) {
	plugin, err := start(config)
	if err == nil {
		call.End()
	}
	return plugin, err
}

// role is the plugin as one that has a role.
func role[R any, P any](h *Host[P]) R {
	h.t.Helper()
	role, ok := any(h.plugin).(R)
	if !ok {
		h.t.Fatalf("%T has not the methods of %T", h.plugin, *new(R))
	}
	return role
}

// Packets hands over a batch to a [ringtap.Aggregate].
func (h *Host[P]) Packets(records ...Record) {
	h.t.Helper()
	role[ringtap.Aggregate](h).OnPackets(h.batch(records))
	call.End()
}

// Keep hands over a batch to a [ringtap.Filter], and gives which of its packets go on.
func (h *Host[P]) Keep(records ...Record) []bool {
	h.t.Helper()
	bits := ringtap.Keep(role[ringtap.Filter](h), h.batch(records)).Bits()
	call.End()
	kept := make([]bool, len(records))
	for i := range kept {
		kept[i] = bits[i/8]>>(i%8)&1 == 1
	}
	return kept
}

// Received hands over events to a [ringtap.Exporter].
func (h *Host[P]) Received(events ...ringtap.Received) {
	h.t.Helper()
	role[ringtap.Exporter](h).OnEvents(events)
	call.End()
}

// Tick sets the clock and calls a [ringtap.Ticker].
func (h *Host[P]) Tick(nowNs uint64) {
	h.t.Helper()
	host.Current.NowNs = nowNs
	role[ringtap.Ticker](h).Tick(nowNs)
	call.End()
}

// Stop sets the clock and calls a [ringtap.Stopper].
func (h *Host[P]) Stop(nowNs uint64) {
	h.t.Helper()
	host.Current.NowNs = nowNs
	role[ringtap.Stopper](h).Stop(nowNs)
	call.End()
}

// Plugin is the plugin itself.
func (h *Host[P]) Plugin() P {
	return h.plugin
}

// NameInterface gives an interface a name.
func (h *Host[P]) NameInterface(ifindex uint32, name string) {
	host.Current.Interfaces[ifindex] = name
}

// RefuseEvents refuses all events from now on, or takes them again.
func (h *Host[P]) RefuseEvents(refuse bool) {
	host.Current.RefuseEvents = refuse
}

// RefuseKV refuses to store anything from now on, or takes it again.
func (h *Host[P]) RefuseKV(refuse bool) {
	host.Current.RefuseKV = refuse
}

// Stored is what the plugin's store has under a key.
func (h *Host[P]) Stored(key string) (value []byte, ok bool) {
	value, ok = host.Current.Store[key]
	return slices.Clone(value), ok
}

// LimitSeries gives no more series than this; what is beyond goes into overflow series, whose labels
// all say `(overflow)`.
func (h *Host[P]) LimitSeries(most int) {
	host.Current.MaxSeries = most
}

// Metric is the sum of a counter or histogram, or the value of a gauge, with these labels in any order;
// false, if there is no such series.
func (h *Host[P]) Metric(name string, labels ...ringtap.Label) (value float64, ok bool) {
	sorted := slices.Clone(labels)
	slices.SortFunc(sorted, byName)
	for _, series := range h.Metrics(name) {
		if slices.Equal(series.Labels, sorted) {
			return series.Value, true
		}
	}
	return 0, false
}

// Series is the labels, sorted by name, and the value of a series.
type Series struct {
	// Labels has the labels.
	Labels []ringtap.Label
	// Value is the sum of a counter or histogram, or the value of a gauge.
	Value float64
}

// Metrics is each series of a metric, in the order of definition.
func (h *Host[P]) Metrics(name string) []Series {
	var all []Series
	for _, series := range host.Current.Series {
		if series == nil || series.Name != name {
			continue
		}
		labels := make([]ringtap.Label, len(series.Labels))
		for i, label := range series.Labels {
			labels[i] = ringtap.Label(label)
		}
		all = append(all, Series{labels, series.Value})
	}
	return all
}

func byName(a, b ringtap.Label) int {
	return strings.Compare(a.Name, b.Name)
}

// TakeEvents is the events since the last time this was asked.
func (h *Host[P]) TakeEvents() []*ringtap.Event {
	taken := make([]*ringtap.Event, len(host.Current.Events))
	for i, row := range host.Current.Events {
		taken[i] = ringtap.EventOf(row)
	}
	host.Current.Events = nil
	return taken
}

// Line is a line of the log.
type Line struct {
	// Level is how much it matters.
	Level ringtap.Level
	// Text is the line.
	Text string
}

// TakeLog is the lines of the log since the last time this was asked.
func (h *Host[P]) TakeLog() []Line {
	var taken []Line
	for _, line := range host.Current.Lines {
		taken = append(taken, Line{ringtap.Level(line.Level), line.Text})
	}
	host.Current.Lines = nil
	return taken
}
