//go:build !wasip1

package host

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Recorder is a host for tests: it keeps what it is told, and refuses what it is asked to refuse.
type Recorder struct {
	NowNs      uint64
	Interfaces map[uint32]string
	Lines      []Line
	Events     []Event
	// RefuseEvents, as a host with a limit does.
	RefuseEvents bool
	// Series by handle; nil when forgotten.
	Series []*Series
	// MaxSeries, if not negative, is how many there may be beside those for overflow.
	MaxSeries int
	Store     map[string][]byte
	// RefuseKV, as a host whose store is full does.
	RefuseKV bool
	// Calls that carried metrics or events, so far.
	Calls int
	drawn uint64
}

// Line is a line of the log.
type Line struct {
	Level uint32
	Text  string
}

// Series is a series and its value: the sum of a counter or histogram, the last value of a gauge.
type Series struct {
	Kind     Kind
	Name     string
	Labels   []Label
	Overflow bool
	Value    float64
}

// Current is the host that calls go to. Tests of a package that use it can't run in parallel.
var Current = NewRecorder()

// NewRecorder is a host that knows of nothing yet.
func NewRecorder() *Recorder {
	return &Recorder{Interfaces: map[uint32]string{}, MaxSeries: -1, Store: map[string][]byte{}}
}

// Clone is a copy that shares nothing which changes.
func (r *Recorder) Clone() *Recorder {
	clone := *r
	clone.Interfaces, clone.Store = maps.Clone(r.Interfaces), maps.Clone(r.Store)
	clone.Lines, clone.Events = slices.Clone(r.Lines), slices.Clone(r.Events)
	clone.Series = make([]*Series, len(r.Series))
	for i, series := range r.Series {
		if series != nil {
			copied := *series
			clone.Series[i] = &copied
		}
	}
	return &clone
}

// Bounds of the store, as wit/capabilities.wit has them.
const (
	maxKey   = 256
	maxValue = 64 << 10
)

// What the labels of an overflow series say; see wit/capabilities.wit.
const overflow = "(overflow)"

// Log keeps a line.
func Log(level uint32, text string) {
	Current.Lines = append(Current.Lines, Line{level, Valid(text)})
}

// ReachLog does nothing.
func ReachLog() {}

// NowNs is what the test set.
func NowNs() uint64 {
	return Current.NowNs
}

// Random is the next number of SplitMix64 (Steele, Lea and Flood, 2014) from the seed 0.
func Random() uint64 {
	Current.drawn++
	z := Current.drawn * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// InterfaceName is what the test named it.
func InterfaceName(ifindex uint32) (string, bool) {
	name, ok := Current.Interfaces[ifindex]
	return name, ok
}

// KVGet reads the store.
func KVGet(key string) ([]byte, bool) {
	value, ok := Current.Store[key]
	return slices.Clone(value), ok
}

// KVSet writes the store.
func KVSet(key string, value []byte) Refusal {
	if len(key) == 0 || len(key) > maxKey {
		return fmt.Sprintf("it has %d bytes, not 1 to %d", len(key), maxKey)
	}
	if len(value) > maxValue {
		return fmt.Sprintf("its value has %d bytes, at most %d", len(value), maxValue)
	}
	if Current.RefuseKV {
		return "told to refuse"
	}
	Current.Store[key] = append([]byte{}, value...)
	return ""
}

// KVDelete drops a key of the store.
func KVDelete(key string) {
	delete(Current.Store, key)
}

// KVKeys lists the store.
func KVKeys(prefix string) []string {
	keys := []string{}
	for _, key := range slices.Sorted(maps.Keys(Current.Store)) {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Define gives a handle, that of the metric's overflow series where there is no room.
func Define(definition *Definition) (uint32, Refusal) {
	labels := slices.Clone(definition.Labels)
	slices.SortFunc(labels, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	if id := Current.find(definition.Name, labels, false); id >= 0 {
		return uint32(id), ""
	}
	series := &Series{Kind: definition.Kind, Name: definition.Name, Labels: labels}
	if Current.MaxSeries < 0 || Current.own() < Current.MaxSeries {
		return Current.add(series), ""
	}
	series.Overflow = true
	for i := range series.Labels {
		series.Labels[i].Value = overflow
	}
	if id := Current.find(series.Name, series.Labels, true); id >= 0 {
		return uint32(id) | OverflowBit, ""
	}
	return Current.add(series) | OverflowBit, ""
}

func (r *Recorder) add(series *Series) uint32 {
	r.Series = append(r.Series, series)
	return uint32(len(r.Series) - 1)
}

func (r *Recorder) find(name string, labels []Label, overflow bool) int {
	return slices.IndexFunc(r.Series, func(s *Series) bool {
		return s != nil && s.Name == name && s.Overflow == overflow && slices.Equal(s.Labels, labels)
	})
}

func (r *Recorder) own() int {
	own := 0
	for _, series := range r.Series {
		if series != nil && !series.Overflow {
			own++
		}
	}
	return own
}

// Update keeps values.
func Update(ids []uint32, values []float64) Refusal {
	Current.Calls++
	for i, id := range ids {
		at := int(id &^ OverflowBit)
		if at >= len(Current.Series) || Current.Series[at] == nil {
			return fmt.Sprintf("no series has the handle %d", id)
		}
		switch series := Current.Series[at]; {
		case series.Kind != Gauge:
			series.Value += values[i]
		case !series.Overflow:
			series.Value = values[i]
		}
	}
	return ""
}

// Forget drops series.
func Forget(ids []uint32) Refusal {
	for _, id := range ids {
		if int(id) >= len(Current.Series) || Current.Series[id] == nil {
			return fmt.Sprintf("no series has the handle %d", id)
		}
		Current.Series[id] = nil
	}
	return ""
}

// Emit keeps rows.
func Emit(rows []Event) Refusal {
	Current.Calls++
	if Current.RefuseEvents {
		return "told to refuse"
	}
	for _, row := range rows {
		row.Fields = slices.Clone(row.Fields)
		Current.Events = append(Current.Events, row)
	}
	return ""
}
