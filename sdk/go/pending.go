package ringtap

import (
	"slices"

	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/host"
)

// slot is a series and what the call in progress did to it.
type slot struct {
	id        uint32
	value     float64
	queued    bool
	forgotten bool
}

// use is where metrics come into a plugin: one that has none does not import them.
func (s *slot) use(id uint32) {
	s.id = id
	call.Metrics = flushMetrics
}

func (s *slot) add(delta float64) {
	s.set(s.value + delta)
}

func (s *slot) set(value float64) {
	s.value = value
	if !s.queued {
		s.queued = true
		pending.changed = append(pending.changed, s)
	}
}

func (s *slot) forget() {
	s.forgotten = true
	pending.dropObservations(s.id)
	pending.forgotten = append(pending.forgotten, s.id)
}

// waiting is what crosses when the call ends.
type waiting struct {
	changed   []*slot
	ids       []uint32
	values    []float64
	forgotten []uint32
}

var pending waiting

func (w *waiting) push(id uint32, value float64) {
	w.ids, w.values = append(w.ids, id), append(w.values, value)
}

func (w *waiting) dropObservations(id uint32) {
	kept := 0
	for i, known := range w.ids {
		if known != id {
			w.ids[kept], w.values[kept] = known, w.values[i]
			kept++
		}
	}
	w.ids, w.values = w.ids[:kept], w.values[:kept]
}

func (w *waiting) collect() {
	for i, slot := range w.changed {
		if !slot.forgotten {
			w.push(slot.id, slot.value)
		}
		slot.value, slot.queued = 0, false
		w.changed[i] = nil
	}
	w.changed = w.changed[:0]
}

// flushMetrics hands over what the call did. The host refuses only what the types here don't let a
// plugin do, or the use of a series through one handle after it was forgotten through another.
func flushMetrics() {
	pending.collect()
	if len(pending.ids) > 0 {
		if refused := host.Update(pending.ids, pending.values); refused != "" {
			panic("ringtap: the host refused values of metrics: " + refused)
		}
		pending.ids, pending.values = pending.ids[:0], pending.values[:0]
	}
	if len(pending.forgotten) > 0 {
		if refused := host.Forget(slices.Compact(pending.forgotten)); refused != "" {
			panic("ringtap: the host refused to forget series: " + refused)
		}
		pending.forgotten = pending.forgotten[:0]
	}
}
