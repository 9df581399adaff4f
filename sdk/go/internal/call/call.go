// Package call is what the packages of this SDK share of a call of the plugin.
package call

// Description is what a plugin says about itself; see types.description.
type Description struct {
	Name, Version string
	TickMs        uint32
	Interests     []Interest
	// State is nil for a plugin without that role.
	State *Schema
}

// Interest is packets that a plugin wants; see types.interest.
type Interest struct {
	Name, Filter string
	SampleOneIn  uint32
	ByFlow       bool
	Payload      uint32
}

// Schema is the forms of a plugin's state; see types.state-schema.
type Schema struct{ Writes, ReadsFrom uint32 }

// Registered is a plugin as it was registered.
type Registered struct {
	Describe func() Description
	Start    func(config string) (any, error)
}

var (
	// Plugin is nil until one is registered.
	Plugin *Registered
	// Instance is the plugin that was started, nil before that.
	Instance any
)

// Work for the end of each call. It is set by the code that makes such work, never by what ends
// calls: so the linker leaves out what a plugin does not use, and the component does not import it.
var (
	// Events hands over events.
	Events func()
	// Metrics hands over values and forgets series.
	Metrics func()
)

// End hands over what waited for the end of the call, so that it crosses once instead of each time.
func End() {
	if Events != nil {
		Events()
	}
	if Metrics != nil {
		Metrics()
	}
}
