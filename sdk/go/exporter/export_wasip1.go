package exporter

import (
	"unsafe"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/host"
	"ringtap.dev/plugin/internal/memory"
)

// exporter.received, as it lies in memory: the plugin's name and an event.
const (
	eventAt      = 8
	receivedSize = eventAt + host.LoweredSize
)

//go:wasmexport ringtap:plugin/exporter@0.1.0#on-events
func exportOnEvents(rows unsafe.Pointer, count uint32) {
	events := make([]ringtap.Received, count)
	for i := range events {
		row := unsafe.Add(rows, i*int(receivedSize))
		name := (*[2]uint32)(row)
		events[i] = ringtap.Received{
			Plugin: memory.Text(name[0], name[1]),
			Event:  ringtap.EventOf(host.Lift(unsafe.Add(row, eventAt))),
		}
	}
	call.Instance.(ringtap.Exporter).OnEvents(events)
	call.End()
	memory.Shared.Reset()
}
