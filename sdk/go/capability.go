package ringtap

import "ringtap.dev/plugin/internal/host"

// Level is how much a line of the log matters.
type Level uint32

// The levels.
const (
	// Debug is for the plugin's author.
	Debug Level = iota
	// Info is worth knowing.
	Info
	// Warn says that something may be wrong.
	Warn
	// Error says that something is wrong.
	Error
)

// Log writes a line to the operator's log, under the plugin's name. It is written at once, also when
// the call fails later. The host keeps at most 1 KiB of it, and drops lines over the operator's rate.
func Log(level Level, line string) {
	host.Log(uint32(level), line)
}

// ReportPanics logs what a panic says before it ends the instance, and what else is written to
// standard output and standard error. It is for the start of [Plugin.New]; a plugin that logs anything
// need not call it.
//
// Not done by itself, because it makes the plugin ask for the capability log. Without it the operator
// reads only that the plugin hit an `unreachable` instruction.
func ReportPanics() {
	host.ReachLog()
}

// NowNs is Unix time in ns. In replay it is the time of the capture, which stands still during a call.
// time.Now knows nothing of it: to a plugin it is 1970.
func NowNs() uint64 {
	return host.NowNs()
}

// InterfaceName is the name of the interface that [Packet.Ifindex] tells, as it is called now; the last
// one it had, where it is gone. A host call: keep the answer.
func InterfaceName(ifindex uint32) (name string, ok bool) {
	return host.InterfaceName(ifindex)
}

// Random is a number that nobody can foretell, for hash seeds and samples, not for secrets. In a
// deterministic replay, and in tests, the same ones in every run. A host call: seed a generator of your
// own for many. The generators of math/rand are the same in every run unless you seed them with it.
func Random() uint64 {
	return host.Random()
}
