// Knows the ports that somebody was seen to send to, over its versions.
package main

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
	"ringtap.dev/plugin/state"
)

type ports map[uint16]bool

func (p ports) OnPackets(batch *ringtap.Batch) {
	for packet := range batch.Packets() {
		if port, ok := packet.DstPort(); ok {
			p[port] = true
		}
	}
}

func (p ports) Save() ([]byte, error) {
	var saved []byte
	for _, port := range slices.Sorted(maps.Keys(p)) {
		saved = binary.LittleEndian.AppendUint16(saved, port)
	}
	return saved, nil
}

func (p ports) Restore(_ uint32, saved []byte) error {
	if len(saved)%2 != 0 {
		return errors.New("the saved ports end in the middle of one")
	}
	for ; len(saved) > 0; saved = saved[2:] {
		p[binary.LittleEndian.Uint16(saved)] = true
	}
	return nil
}

func init() {
	aggregate.Register(ringtap.Plugin[ports]{
		Name:    "ports",
		Version: "0.1.0",
		New:     func(string) (ports, error) { return ports{}, nil },
		State:   state.Of[ports](1, 1),
	})
}

func main() {}
