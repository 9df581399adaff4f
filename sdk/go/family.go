package ringtap

import (
	"strconv"

	"ringtap.dev/plugin/internal/host"
)

// Family is series of one name, told apart by the values of labels. Each is defined when it is first
// used; later uses find it here, without a host call or an allocation.
//
// It holds as many series as there are values: with values from packets, drop those that don't matter
// any more with [Family.Forget], or the host's limit will be reached: then the values of new ones go
// into the overflow series of the metric, at the price of a host call for each use.
//
//	packets := ringtap.NewCounterFamily("packets_total", "Packets.", "protocol", "direction")
//	series, err := packets.With("tcp", "ingress")
type Family[M Metric] struct {
	kind       host.Kind
	name, help string
	bounds     []float64
	labels     []string
	make       func() M
	byValues   map[string]M
	// Values with a byte between them that is in no UTF-8; used again for each look-up.
	key []byte
}

// NewCounterFamily is the counters of that name, told apart by the values of those labels and made when
// first used.
func NewCounterFamily(name, help string, labels ...string) *Family[*Counter] {
	return familyOf(host.Counter, name, help, nil, labels, func() *Counter { return new(Counter) })
}

// NewGaugeFamily is as [NewCounterFamily].
func NewGaugeFamily(name, help string, labels ...string) *Family[*Gauge] {
	return familyOf(host.Gauge, name, help, nil, labels, func() *Gauge { return new(Gauge) })
}

// NewHistogramFamily is as [NewCounterFamily], with the bounds of [NewHistogram].
func NewHistogramFamily(name, help string, bounds []float64, labels ...string) *Family[*Histogram] {
	return familyOf(host.Histogram, name, help, bounds, labels, func() *Histogram { return new(Histogram) })
}

func familyOf[M Metric](kind host.Kind, name, help string, bounds []float64, labels []string, make func() M) *Family[M] {
	return &Family[M]{kind, name, help, bounds, labels, make, map[string]M{}, nil}
}

// With is the series with these values of the labels, in the order in which the labels were named. It
// panics where there are not as many.
func (f *Family[M]) With(values ...string) (M, error) {
	f.writeKey(values)
	if series, ok := f.byValues[string(f.key)]; ok {
		return series, nil
	}
	labels := make([]Label, len(values))
	for i, value := range values {
		labels[i] = Label{f.labels[i], value}
	}
	series := f.make()
	if err := series.define(f.kind, f.name, f.help, f.bounds, labels); err != nil {
		return series, err
	}
	// Values that overflow are not remembered: nothing bounds how many there are, and there may be
	// room for them later.
	if !series.IsOverflow() {
		f.byValues[string(f.key)] = series
	}
	return series, nil
}

// Forget drops the series with these values, if there is one.
func (f *Family[M]) Forget(values ...string) {
	f.writeKey(values)
	if series, ok := f.byValues[string(f.key)]; ok {
		delete(f.byValues, string(f.key))
		series.Forget()
	}
}

// Len is how many series there are, without the one for overflow.
func (f *Family[M]) Len() int {
	return len(f.byValues)
}

func (f *Family[M]) writeKey(values []string) {
	if len(values) != len(f.labels) {
		panic("ringtap: " + f.name + " has " + strconv.Itoa(len(f.labels)) + " labels and was given " + strconv.Itoa(len(values)) + " values")
	}
	f.key = f.key[:0]
	for _, value := range values {
		f.key = append(append(f.key, value...), 0xff)
	}
}
