package ringtap

import (
	"math"
	"time"

	"ringtap.dev/plugin/internal/call"
)

// Plugin is what the host has to know of a plugin of type P. The package of its role registers it.
type Plugin[P any] struct {
	// Name is for people: 1 to 64 characters. The host calls an instance by its file.
	Name string
	// Version is the plugin's own, for people: up to 64 characters.
	Version string
	// Tick is how often [Ticker] is called; the host rounds up to 10 ms. Never, where it is 0.
	Tick time.Duration
	// Interests are the packets that the plugin wants, at most 64; [Packet.Matches] tells by their
	// index which of them took a packet. None is every packet, headers only. A plugin that does not
	// take packets has none.
	//
	// The host asks for them before anything else, so they can depend on nothing, the config included.
	Interests []Interest
	// New is called once, first of all that may call the host. The config is the text of NAME.toml
	// beside NAME.wasm, or empty; see [Config]. An error refuses the plugin and is shown to the operator.
	New func(config string) (P, error)
	// State is for a plugin with that role, from state.Of; nil for any other.
	State StateRole[P]
}

// Ticker is for a plugin that wants to be called about every [Plugin.Tick], between batches; missed
// ticks are not made up for. The time is Unix time in ns, in replay the capture's.
type Ticker interface {
	Tick(nowNs uint64)
}

// Stopper is for a plugin that wants to be called once, last: it is unloaded or replaced, or the
// runtime or the capture ends. Emit what is still held. Not called after a panic, nor where
// [State].Save has handed on what is held. The time is as [Ticker]'s.
type Stopper interface {
	Stop(nowNs uint64)
}

// Aggregate is the role that takes packets: called with each batch, 1 to 1024 of them. A batch and its
// packets are gone when it returns.
type Aggregate interface {
	OnPackets(batch *Batch)
}

// Filter is the role that takes packets and says which of them go on to the plugins whose `input` this
// plugin is: called with each packet, in the order of its batch. What interests can say, let them say:
// they discard in the kernel.
type Filter interface {
	Keep(packet Packet) bool
}

// BatchFilter is for a [Filter] that wants to know more than one packet at a time: called with each
// batch instead. Answer with [KeptOf].
type BatchFilter interface {
	Filter
	KeepBatch(batch *Batch) Kept
}

// Exporter is the role that takes the events of other plugins, those that are configured as its
// `input`: 1 to 1024 of them, those of one plugin in the order in which it emitted them. They go
// nowhere else: what is to reach a sink, this plugin emits.
type Exporter interface {
	OnEvents(events []Received)
}

// Received is an event of another plugin.
type Received struct {
	// Plugin is the one that emitted it, as the host calls it.
	Plugin string
	// Event is as it was emitted. Emit it to let it pass.
	Event *Event
}

// State is the role that hands what the plugin knows to the version that replaces it. The two need
// not be built from the same sources, so number the forms of the state (state.Of), and take none on
// trust.
type State interface {
	// Save gives what the next version gets. Where that one takes over, this is the last call of this
	// instance; where it fails, this instance goes on, so leave in place what you save. What is done
	// through capabilities is undone. An error keeps this version.
	Save() ([]byte, error)
	// Restore is called at most once, after New and before all other calls, with what the predecessor
	// saved, in one of the forms that the plugin reads. The bytes are gone when it returns. The config
	// may be another one than the predecessor's. An error refuses this version, and the predecessor
	// goes on.
	Restore(schema uint32, saved []byte) error
}

// StateRole is the forms of the state of a plugin of type P, from state.Of.
type StateRole[P any] interface {
	// Forms is the form that is written, and the oldest that is read.
	Forms() (writes, readsFrom uint32)
	// Of ties the role to the type.
	Of(P)
}

// Register registers a plugin. Packages of roles call it; call theirs instead, since it is the package
// that exports the role. It panics where the plugin can't be one.
func Register[P any](plugin Plugin[P]) {
	if call.Plugin != nil {
		panic("ringtap: a component has one plugin, and another one is registered: " + call.Plugin.Describe().Name)
	}
	if plugin.New == nil {
		panic("ringtap: the plugin " + plugin.Name + " has no New")
	}
	var none P
	if _, ticks := any(none).(Ticker); plugin.Tick > 0 && !ticks {
		panic("ringtap: the plugin " + plugin.Name + " has a Tick, but no method Tick(nowNs uint64)")
	}
	call.Plugin = &call.Registered{
		Describe: func() call.Description { return describe(&plugin) },
		Start:    func(config string) (any, error) { return plugin.New(config) },
	}
}

func describe[P any](plugin *Plugin[P]) call.Description {
	described := call.Description{Name: plugin.Name, Version: plugin.Version}
	if ms := plugin.Tick.Milliseconds(); ms > 0 {
		described.TickMs = uint32(min(ms, math.MaxUint32))
	}
	for _, interest := range plugin.Interests {
		described.Interests = append(described.Interests, interest.described())
	}
	if plugin.State != nil {
		writes, readsFrom := plugin.State.Forms()
		described.State = &call.Schema{Writes: writes, ReadsFrom: readsFrom}
	}
	return described
}
