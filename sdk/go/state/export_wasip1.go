package state

import (
	"unsafe"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/memory"
)

//go:wasmexport ringtap:plugin/state@0.1.0#save
func exportSave() unsafe.Pointer {
	saved, err := call.Instance.(ringtap.State).Save()
	call.End()
	memory.Shared.Reset()
	return memory.ListOr(saved, err)
}

//go:wasmexport ringtap:plugin/state@0.1.0#restore
func exportRestore(schema uint32, saved unsafe.Pointer, size uint32) unsafe.Pointer {
	err := call.Instance.(ringtap.State).Restore(schema, unsafe.Slice((*byte)(saved), size))
	call.End()
	memory.Shared.Reset()
	return memory.Nothing(err)
}
