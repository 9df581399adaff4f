package ringtap

import (
	"unsafe"

	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/host"
	"ringtap.dev/plugin/internal/memory"
)

// types.description and types.interest, as they lie in memory.
type (
	loweredDescription struct {
		name, nameLen           uint32
		version, versionLen     uint32
		tickMs                  uint32
		interests, interestsLen uint32
		hasState                bool
		writes, readsFrom       uint32
	}
	loweredInterest struct {
		name, nameLen     uint32
		filter, filterLen uint32
		sampleOneIn       uint32
		byFlow            bool
		payload           uint32
	}
)

// What the host looks at when `describe` has returned.
var (
	described        call.Description
	described32      loweredDescription
	describedLowered []loweredInterest
)

//go:wasmexport ringtap:plugin/lifecycle@0.1.0#describe
func exportDescribe() unsafe.Pointer {
	if call.Plugin == nil {
		panic("ringtap: no plugin is registered: call Register of its role's package in func init, since main is not run")
	}
	described = call.Plugin.Describe()
	for i := range described.Interests {
		interest := &described.Interests[i]
		interest.Name, interest.Filter = host.Valid(interest.Name), host.Valid(interest.Filter)
		describedLowered = append(describedLowered, loweredInterest{
			memory.AddressOf(interest.Name), uint32(len(interest.Name)),
			memory.AddressOf(interest.Filter), uint32(len(interest.Filter)),
			interest.SampleOneIn, interest.ByFlow, interest.Payload,
		})
	}
	described.Name, described.Version = host.Valid(described.Name), host.Valid(described.Version)
	described32 = loweredDescription{
		memory.AddressOf(described.Name), uint32(len(described.Name)),
		memory.AddressOf(described.Version), uint32(len(described.Version)),
		described.TickMs,
		memory.Place(describedLowered), uint32(len(describedLowered)),
		false, 0, 0,
	}
	if state := described.State; state != nil {
		described32.hasState, described32.writes, described32.readsFrom = true, state.Writes, state.ReadsFrom
	}
	return unsafe.Pointer(&described32)
}

//go:wasmexport ringtap:plugin/lifecycle@0.1.0#init
func exportInit(config unsafe.Pointer, size uint32) unsafe.Pointer {
	instance, err := call.Plugin.Start(string(unsafe.Slice((*byte)(config), size)))
	if err == nil {
		call.Instance = instance
		call.End()
	}
	memory.Shared.Reset()
	return memory.Nothing(err)
}

//go:wasmexport ringtap:plugin/lifecycle@0.1.0#tick
func exportTick(nowNs uint64) {
	if ticker, ok := call.Instance.(Ticker); ok {
		ticker.Tick(nowNs)
	}
	call.End()
	memory.Shared.Reset()
}

//go:wasmexport ringtap:plugin/lifecycle@0.1.0#stop
func exportStop(nowNs uint64) {
	if stopper, ok := call.Instance.(Stopper); ok {
		stopper.Stop(nowNs)
	}
	call.End()
	memory.Shared.Reset()
}
