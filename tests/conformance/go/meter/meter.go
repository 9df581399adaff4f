// Meter counts bytes by destination, tells of DNS, and hands on what it knows.
package main

import (
	"errors"
	"strconv"
	"time"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
	"ringtap.dev/plugin/state"
)

const (
	// The interest of DNS.
	dns = 1
	// In the third byte of a DNS message (RFC 1035, 4.1.1).
	answer = 0x80
)

type meter struct {
	limit int
	// The record at which it traps; 0 for none.
	trapAfter    uint64
	records      uint64
	known        known
	sizes        *ringtap.Histogram
	destinations *ringtap.Gauge
	bytes        *ringtap.Family[*ringtap.Counter]
}

func start(text string) (*meter, error) {
	config, err := ringtap.ParseConfig(text)
	if err != nil {
		return nil, err
	}
	m := &meter{
		limit:     int(config.Integer("limit", 1000, 1, 100_000)),
		trapAfter: config.Integer("trap_after", 0, 0, 1_000_000_000),
		bytes:     ringtap.NewCounterFamily("meter_bytes_total", "Bytes by destination.", "dst"),
	}
	if err := config.Finish(); err != nil {
		return nil, err
	}
	ringtap.Log(ringtap.Info, "meter starts with limit "+strconv.Itoa(m.limit))
	bounds := []float64{64, 128, 256, 512, 1024, 1518}
	if m.sizes, err = ringtap.NewHistogram("meter_packet_bytes", "Sizes of packets.", bounds); err != nil {
		return nil, err
	}
	m.destinations, err = ringtap.NewGauge("meter_destinations", "Destinations that are known.")
	return m, err
}

func (m *meter) OnPackets(batch *ringtap.Batch) {
	for packet := range batch.Packets() {
		m.records++
		if m.trapAfter > 0 && m.records >= m.trapAfter {
			panic("as configured")
		}
		m.sizes.Observe(float64(packet.WireLen()))
		m.count(packet)
		if packet.Matches(dns) {
			tellDNS(packet)
		}
	}
	m.destinations.Set(float64(len(m.known.list)))
}

func (m *meter) count(packet ringtap.Packet) {
	dst, ok := packet.Dst()
	if !ok {
		return
	}
	bytes := packet.WireBytes()
	if entry := m.known.find(dst, m.limit); entry != nil {
		entry.bytes += bytes
		entry.packets += packet.Packets()
		if entry.counter == nil {
			entry.counter = m.series(dst.String())
		}
		entry.counter.Add(bytes)
		if entry.counter.IsOverflow() {
			// There may be room for one of its own when it is asked for again.
			entry.counter = nil
		}
		return
	}
	m.series("other").Add(bytes)
}

func (m *meter) series(dst string) *ringtap.Counter {
	counter, err := m.bytes.With(dst)
	if err != nil {
		panic(err)
	}
	return counter
}

func tellDNS(packet ringtap.Packet) {
	event := ringtap.NewEvent("dns", packet.TimeNs())
	if src, ok := packet.Src(); ok {
		event.Addr("src", src)
	}
	if dst, ok := packet.Dst(); ok {
		event.Addr("dst", dst)
	}
	if port, ok := packet.SrcPort(); ok {
		event.Uint("src_port", uint64(port))
	}
	payload := packet.Payload()
	event.Bytes("payload", payload).
		Truth("is_answer", len(payload) > 2 && payload[2]&answer != 0).
		Emit()
}

func (m *meter) Tick(nowNs uint64) {
	ringtap.NewEvent("tick", nowNs).
		Uint("destinations", uint64(len(m.known.list))).
		Uint("records", m.records).
		Float("share", m.known.shareOfFirst()).
		Emit()
}

func (m *meter) Stop(nowNs uint64) {
	for i := range m.known.list {
		entry := &m.known.list[i]
		ringtap.NewEvent("total", nowNs).
			Addr("dst", entry.dst).
			Uint("bytes", entry.bytes).
			Uint("packets", entry.packets).
			Int("delta", int64(entry.packets-entry.bytes)).
			Emit()
	}
}

func (m *meter) Save() ([]byte, error) {
	return m.known.save(m.records), nil
}

func (m *meter) Restore(_ uint32, saved []byte) error {
	records, known, ok := restore(saved, m.limit)
	if !ok {
		return errors.New("the saved state is damaged")
	}
	m.records, m.known = records, known
	return nil
}

func init() {
	aggregate.Register(ringtap.Plugin[*meter]{
		Name:    "meter",
		Version: "1.0.0",
		Tick:    time.Second,
		Interests: []ringtap.Interest{
			{Name: "all"},
			{Name: "dns", Filter: "udp port 53", Payload: 512},
		},
		New:   start,
		State: state.Of[*meter](1, 1),
	})
}

func main() {}
