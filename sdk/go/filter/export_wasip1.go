package filter

import (
	"unsafe"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/memory"
)

//go:wasmexport ringtap:plugin/filter@0.1.0#keep
func exportKeep(
	sequence, shedBefore uint64, clockOffsetNs int64, recordSize, count uint32,
	records unsafe.Pointer, recordsLen uint32, payload unsafe.Pointer, payloadLen uint32,
) unsafe.Pointer {
	head := ringtap.BatchHead{
		Sequence: sequence, ShedBefore: shedBefore, ClockOffsetNs: clockOffsetNs,
		RecordSize: recordSize, Count: count,
	}
	batch := ringtap.NewBatch(head,
		unsafe.Slice((*byte)(records), recordsLen), unsafe.Slice((*byte)(payload), payloadLen))
	kept := ringtap.Keep(call.Instance.(ringtap.Filter), batch)
	call.End()
	memory.Shared.Reset()
	return memory.List(kept.Bits())
}
