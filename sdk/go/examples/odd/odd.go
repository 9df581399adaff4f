// Lets packets pass that go between two ports that nobody has registered.
package main

import (
	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/filter"
)

type odd struct{}

func (odd) Keep(packet ringtap.Packet) bool {
	src, hasSrc := packet.SrcPort()
	dst, hasDst := packet.DstPort()
	return hasSrc && hasDst && src >= 49_152 && dst >= 49_152
}

func init() {
	filter.Register(ringtap.Plugin[odd]{
		Name:    "odd",
		Version: "0.1.0",
		New:     func(string) (odd, error) { return odd{}, nil },
	})
}

func main() {}
