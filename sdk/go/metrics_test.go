//go:build !wasip1

package ringtap_test

import (
	"testing"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/host"
	"ringtap.dev/plugin/ringtaptest"
)

type nothing struct{}

// empty is a host without a plugin: what happens in the test happens in its one long call.
func empty(t *testing.T) *ringtaptest.Host[nothing] {
	call.End()
	return ringtaptest.New(t, func(string) (nothing, error) { return nothing{}, nil }, "")
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestValuesCrossOnceWhenTheCallEnds(t *testing.T) {
	h := empty(t)
	counter := must(ringtap.NewCounter("c_total", ""))
	gauge := must(ringtap.NewGauge("g", ""))
	histogram := must(ringtap.NewHistogram("h", "", []float64{1}))
	for range 100 {
		counter.Inc()
		counter.Add(2)
		counter.AddFloat(0.5)
		gauge.Set(7)
		histogram.Observe(0.25)
	}
	counted := func() float64 { value, _ := h.Metric("c_total"); return value }
	is(t, "before", counted(), 0)
	is(t, "calls", host.Current.Calls, 0)
	call.End()
	is(t, "after", counted(), 350)
	is(t, "calls", host.Current.Calls, 1)
	has(t, "gauge", func() (float64, bool) { return h.Metric("g") }, 7)
	has(t, "histogram", func() (float64, bool) { return h.Metric("h") }, 25)
	call.End()
	is(t, "calls", host.Current.Calls, 1)
	counter.Inc()
	call.End()
	is(t, "later", counted(), 351)
}

func TestAForgottenSeriesIsGoneWithWhatItWasAboutToGet(t *testing.T) {
	h := empty(t)
	counter := must(ringtap.NewCounter("c_total", ""))
	one := must(ringtap.NewHistogram("h", "", nil, ringtap.Label{Name: "l", Value: "1"}))
	two := must(ringtap.NewHistogram("h", "", nil))
	counter.Inc()
	one.Observe(1)
	two.Observe(2)
	counter.Forget()
	one.Forget()
	call.End()
	lacks(t, "counter", func() (float64, bool) { return h.Metric("c_total") })
	lacks(t, "one", func() (float64, bool) { return h.Metric("h", ringtap.Label{Name: "l", Value: "1"}) })
	has(t, "two", func() (float64, bool) { return h.Metric("h") }, 2)
	must(ringtap.NewCounter("c_total", ""))
	has(t, "anew", func() (float64, bool) { return h.Metric("c_total") }, 0)
}

func TestAFamilyDefinesEachSeriesOnce(t *testing.T) {
	h := empty(t)
	h.LimitSeries(2)
	family := ringtap.NewCounterFamily("c_total", "", "a", "b")
	must(family.With("x", "yz")).Inc()
	must(family.With("xy", "z")).Add(2)
	must(family.With("x", "yz")).Inc()
	call.End()
	of := func(a, b string) func() (float64, bool) {
		return func() (float64, bool) {
			return h.Metric("c_total", ringtap.Label{Name: "b", Value: b}, ringtap.Label{Name: "a", Value: a})
		}
	}
	has(t, "x, yz", of("x", "yz"), 2)
	has(t, "xy, z", of("xy", "z"), 2)
	family.Forget("x", "yz")
	family.Forget("never", "used")
	call.End()
	is(t, "known", family.Len(), 1)
	is(t, "there", len(h.Metrics("c_total")), 1)
	panics(t, "ringtap: c_total has 2 labels and was given 1 values", func() { family.With("x") })
	allocations := testing.AllocsPerRun(10, func() { must(family.With("xy", "z")).Inc() })
	is(t, "allocations", allocations, 0)
	call.End()
}

func TestAFamilyRemembersNoneOfTheValuesThatOverflow(t *testing.T) {
	h := empty(t)
	h.LimitSeries(4)
	family := ringtap.NewCounterFamily("c_total", "", "a")
	gauges := ringtap.NewGaugeFamily("g", "", "a")
	for _, value := range []string{"x", "y", "p", "q", "p"} {
		must(family.With(value)).Inc()
		must(gauges.With(value)).Set(1)
		call.End()
	}
	over := ringtap.Label{Name: "a", Value: "(overflow)"}
	has(t, "counter", func() (float64, bool) { return h.Metric("c_total", over) }, 3)
	has(t, "gauge", func() (float64, bool) { return h.Metric("g", over) }, 0)
	// Nobody may forget what is everybody's.
	family.Forget("p")
	must(ringtap.NewCounter("c_total", "", ringtap.Label{Name: "a", Value: "r"})).Forget()
	family.Forget("x")
	call.End()
	is(t, "known", family.Len(), 1)
	is(t, "there", len(h.Metrics("c_total")), 2)
	// There is room now.
	must(family.With("p")).Add(5)
	call.End()
	has(t, "p", func() (float64, bool) { return h.Metric("c_total", ringtap.Label{Name: "a", Value: "p"}) }, 5)
}

func TestWhatAMetricDoesNotTake(t *testing.T) {
	empty(t)
	counter := must(ringtap.NewCounter("c_total", ""))
	panics(t, "ringtap: a counter can't grow by -1", func() { counter.AddFloat(-1) })
	panics(t, "ringtap: a counter can't grow by NaN", func() { counter.AddFloat(nan()) })
	histogram := must(ringtap.NewHistogram("h", "", nil))
	panics(t, "ringtap: a histogram can't observe NaN", func() { histogram.Observe(nan()) })
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}
