// Tells when an interface carries more than it should: the event burst.
//
// Config, with its default:
//
//	mbit_per_second = 100
package main

import (
	"cmp"
	"maps"
	"slices"
	"time"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
)

var sizes = []float64{64, 256, 1024, 1518, 9018}

type bursts struct {
	limit float64
	sizes *ringtap.Histogram
	// Bytes since the last tick. As many entries as there are taps, so it stays small.
	bytes map[way]uint64
	// 0 before the first tick.
	sinceNs uint64
}

type way struct {
	ifindex   uint32
	direction ringtap.Direction
}

func start(text string) (*bursts, error) {
	ringtap.ReportPanics()
	config, err := ringtap.ParseConfig(text)
	if err != nil {
		return nil, err
	}
	mbitPerSecond := config.Integer("mbit_per_second", 100, 1, 1_000_000)
	if err := config.Finish(); err != nil {
		return nil, err
	}
	b := &bursts{limit: float64(mbitPerSecond) * 1e6 / 8, bytes: map[way]uint64{}}
	b.sizes, err = ringtap.NewHistogram("bursts_packet_bytes", "Sizes of packets.", sizes)
	return b, err
}

func (b *bursts) OnPackets(batch *ringtap.Batch) {
	for packet := range batch.Packets() {
		b.sizes.Observe(float64(packet.WireLen()))
		direction, _ := packet.Direction()
		b.bytes[way{packet.Ifindex(), direction}] += packet.WireBytes()
	}
}

func (b *bursts) Tick(nowNs uint64) {
	since := b.sinceNs
	if since == 0 {
		since = nowNs - min(nowNs, 1_000_000_000)
	}
	b.sinceNs = nowNs
	// A tick can be late, and so cover more than a second.
	seconds := float64(max(nowNs-since, 1)) / 1e9
	// A map has no order, and two replays had better tell the same.
	for _, way := range slices.SortedFunc(maps.Keys(b.bytes), byInterface) {
		if float64(b.bytes[way])/seconds > b.limit {
			b.tell(way, seconds, nowNs)
		}
	}
	clear(b.bytes)
}

func (b *bursts) tell(way way, seconds float64, nowNs uint64) {
	event := ringtap.NewEvent("burst", nowNs)
	if name, ok := ringtap.InterfaceName(way.ifindex); ok {
		event.Text("interface", name)
	}
	event.Text("direction", way.direction.String()).
		Uint("bytes", b.bytes[way]).
		Float("seconds", seconds).
		Emit()
}

func byInterface(a, b way) int {
	return cmp.Or(cmp.Compare(a.ifindex, b.ifindex), cmp.Compare(a.direction, b.direction))
}

func init() {
	aggregate.Register(ringtap.Plugin[*bursts]{
		Name:    "bursts",
		Version: "0.1.0",
		Tick:    time.Second,
		New:     start,
	})
}

func main() {}
