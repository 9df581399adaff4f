// Counts packets and bytes by IP protocol.
//
// Metrics: {{ident}}_packets_total and {{ident}}_bytes_total, with the label protocol.
//
// Events: protocol for each of them, every so many seconds and at the end, with what was counted since
// the plugin first ran, over all its versions.
//
// Config, with its default:
//
//	report_seconds = 60
package main

import (
	"time"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
	"ringtap.dev/plugin/state"
)

type protocols struct {
	packets     *ringtap.Family[*ringtap.Counter]
	bytes       *ringtap.Family[*ringtap.Counter]
	totals      totals
	reportEvery time.Duration
	// 0 before the first tick.
	reportedNs uint64
}

func start(text string) (*protocols, error) {
	ringtap.ReportPanics()
	config, err := ringtap.ParseConfig(text)
	if err != nil {
		return nil, err
	}
	p := &protocols{
		packets:     ringtap.NewCounterFamily("{{ident}}_packets_total", "Packets by IP protocol.", "protocol"),
		bytes:       ringtap.NewCounterFamily("{{ident}}_bytes_total", "Bytes on the wire by IP protocol.", "protocol"),
		totals:      totals{},
		reportEvery: config.Seconds("report_seconds", 60, 1, 86_400),
	}
	return p, config.Finish()
}

// OnPackets is called with batches of up to 1024 packets.
func (p *protocols) OnPackets(batch *ringtap.Batch) {
	for packet := range batch.Packets() {
		p.count(packet)
	}
}

func (p *protocols) count(packet ringtap.Packet) {
	name := "none"
	if protocol, ok := packet.Protocol(); ok {
		name = protocolName(protocol)
	}
	// Of one record, these can be more: it may stand for a sample or for a super-packet.
	count := total{packets: packet.Packets(), bytes: packet.WireBytes()}
	p.totals.add(name, count)
	packets, err := p.packets.With(name)
	if err == nil {
		packets.Add(count.packets)
	}
	bytes, err2 := p.bytes.With(name)
	if err2 == nil {
		bytes.Add(count.bytes)
	}
	// The host says no only to names and labels that break its rules.
	for _, err := range []error{err, err2} {
		if err != nil {
			ringtap.Log(ringtap.Warn, name+" is not counted: "+err.Error())
		}
	}
}

// Tick is called about every second, as the plugin asks for below.
func (p *protocols) Tick(nowNs uint64) {
	if p.reportedNs == 0 {
		p.reportedNs = nowNs
	}
	if nowNs >= p.reportedNs+uint64(p.reportEvery) {
		p.reportedNs = nowNs
		p.report(nowNs)
	}
}

// Stop is the last call.
func (p *protocols) Stop(nowNs uint64) {
	p.report(nowNs)
}

func (p *protocols) report(nowNs uint64) {
	for _, name := range p.totals.names() {
		ringtap.NewEvent("protocol", nowNs).
			Text("protocol", name).
			Uint("packets", p.totals[name].packets).
			Uint("bytes", p.totals[name].bytes).
			Emit()
	}
}

// Save hands on what is known to the version that replaces this one.
func (p *protocols) Save() ([]byte, error) {
	return save(p.reportedNs, p.totals), nil
}

// Restore takes it.
func (p *protocols) Restore(_ uint32, saved []byte) error {
	reportedNs, restored, err := restore(saved)
	if err == nil {
		p.reportedNs, p.totals = reportedNs, restored
	}
	return err
}

// protocolName is as IANA assigns the numbers; the others are one series, so that nobody who sends
// packets decides how many there are.
func protocolName(number uint8) string {
	switch number {
	case 1:
		return "icmp"
	case 6:
		return "tcp"
	case 17:
		return "udp"
	case 58:
		return "icmp6"
	}
	return "other"
}

// A component runs func init; main is there for the compiler only.
func init() {
	aggregate.Register(ringtap.Plugin[*protocols]{
		Name:    "{{name}}",
		Version: "0.1.0",
		Tick:    time.Second,
		New:     start,
		State:   state.Of[*protocols](1, 1),
	})
}

func main() {}
