package main

import (
	"maps"
	"slices"
)

// total is packets and their bytes on the wire.
type total struct{ packets, bytes uint64 }

// totals is what was counted, by protocol.
type totals map[string]total

func (t totals) add(protocol string, more total) {
	known := t[protocol]
	t[protocol] = total{known.packets + more.packets, known.bytes + more.bytes}
}

// names gives the protocols in order, so that reports are in the same one each time.
func (t totals) names() []string {
	return slices.Sorted(maps.Keys(t))
}
