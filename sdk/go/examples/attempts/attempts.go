// Counts attempts to open TCP connections, by destination port.
package main

import (
	"strconv"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
)

type attempts struct {
	total *ringtap.Family[*ringtap.Counter]
}

func start(string) (*attempts, error) {
	total := ringtap.NewCounterFamily("tcp_attempts_total", "TCP connections asked for.", "port")
	return &attempts{total}, nil
}

func (a *attempts) OnPackets(batch *ringtap.Batch) {
	for packet := range batch.Packets() {
		flags, isTCP := packet.TCPFlags()
		if !isTCP || !flags.Contains(ringtap.TCPSYN) || flags.Contains(ringtap.TCPACK) {
			continue
		}
		// Anybody can send to any port, and each one named is a series of its own.
		name := "other"
		if port, ok := packet.DstPort(); ok && port < 1024 {
			name = strconv.Itoa(int(port))
		}
		if series, err := a.total.With(name); err == nil {
			series.Add(packet.Packets())
		}
	}
}

func init() {
	aggregate.Register(ringtap.Plugin[*attempts]{Name: "tcp-attempts", Version: "0.1.0", New: start})
}

func main() {}
