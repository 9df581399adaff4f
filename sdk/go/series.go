package ringtap

import (
	"math"
	"strconv"

	"ringtap.dev/plugin/internal/host"
)

// Label is a label of a series.
type Label struct {
	// Name is Prometheus': `[a-zA-Z_][a-zA-Z0-9_]*`.
	Name string
	// Value is up to 256 bytes.
	Value string
}

// Counter is a number that only grows. By convention its name ends in `_total`.
//
// Metrics are in the host's registry. They outlive the instance: a plugin that is replaced and defines
// the same series again goes on counting where the old one stopped. Values are collected here and
// cross to the host once, when the call ends.
type Counter struct{ slot }

// Gauge is a number that is set.
type Gauge struct{ slot }

// Histogram is counts of observations under upper bounds.
type Histogram struct{ slot }

// NewCounter is the series of that name and those labels: new, or known from before a reload. A host
// call.
//
// Names and label names are Prometheus': `[a-zA-Z_][a-zA-Z0-9_]*`. Refused: the prefix `ringtap_`, the
// labels `plugin`, `le` and `__*`, a name that stands for another kind of metric already, and names,
// labels and texts over the bounds in wit/capabilities.wit. The host adds the label `plugin`.
//
// Beyond the operator's limit of series, this is the overflow series of the metric, whose labels all
// say `(overflow)`. What is set for a gauge there goes nowhere.
func NewCounter(name, help string, labels ...Label) (*Counter, error) {
	counter := new(Counter)
	return counter, counter.define(host.Counter, name, help, nil, labels)
}

// NewGauge is as [NewCounter].
func NewGauge(name, help string, labels ...Label) (*Gauge, error) {
	gauge := new(Gauge)
	return gauge, gauge.define(host.Gauge, name, help, nil, labels)
}

// NewHistogram is as [NewCounter]. Bounds are upper bounds, finite and growing, at most 64; the +Inf
// bucket is added.
func NewHistogram(name, help string, bounds []float64, labels ...Label) (*Histogram, error) {
	histogram := new(Histogram)
	return histogram, histogram.define(host.Histogram, name, help, bounds, labels)
}

// Inc adds one.
func (c *Counter) Inc() {
	c.add(1)
}

// Add adds n. Exact up to 2^53, as Prometheus is.
func (c *Counter) Add(n uint64) {
	c.add(float64(n))
}

// AddFloat adds a fraction, such as seconds. It panics unless delta is finite and not negative.
func (c *Counter) AddFloat(delta float64) {
	if !(delta >= 0) || math.IsInf(delta, 1) {
		panic("ringtap: a counter can't grow by " + strconv.FormatFloat(delta, 'g', -1, 64))
	}
	c.add(delta)
}

// Set sets it. The last value of a call counts.
func (g *Gauge) Set(value float64) {
	g.set(value)
}

// Observe counts a value. It panics if that is not a number.
func (h *Histogram) Observe(value float64) {
	if math.IsNaN(value) {
		panic("ringtap: a histogram can't observe NaN")
	}
	pending.push(h.id, value)
}

// Metric is a [Counter], [Gauge] or [Histogram].
type Metric interface {
	// Forget drops the series and its value, for labels that are of no interest any more. What the
	// call in progress did to it is dropped too. The handle is of no use then. Just dropping the
	// handle leaves the series as it is. So does this for an overflow series.
	Forget()
	// IsOverflow says whether it is the overflow series of its metric, which takes what is meant for
	// labels for which the host has no room.
	IsOverflow() bool
	define(kind host.Kind, name, help string, bounds []float64, labels []Label) error
}

func (s *slot) define(kind host.Kind, name, help string, bounds []float64, labels []Label) error {
	definition := host.Definition{Kind: kind, Name: name, Help: help, Bounds: bounds}
	for _, label := range labels {
		definition.Labels = append(definition.Labels, host.Label(label))
	}
	id, refused := host.Define(&definition)
	if refused != "" {
		return &MetricError{name, refused}
	}
	s.use(id)
	return nil
}

// Forget is as [Metric] has it.
func (s *slot) Forget() {
	if !s.IsOverflow() {
		s.forget()
	}
}

// IsOverflow is as [Metric] has it.
func (s *slot) IsOverflow() bool {
	return s.id&host.OverflowBit != 0
}
