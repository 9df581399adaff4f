package ringtap

import (
	"iter"
	"net/netip"
	"slices"

	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/host"
)

// Rows that are handed over together, at most: what waits for the end of a call stays small.
const rowsAtOnce = 64

// Event is a named row with typed fields, for the sinks that take events.
//
//	ringtap.NewEvent("handshake", packet.TimeNs()).
//		Addr("server", server).
//		Uint("round_trip_us", 412).
//		Emit()
//
// Of fields by one name, reading finds the first, and emitting is refused.
type Event struct{ row host.Event }

// NewEvent makes a row. The kind is what it is about, such as flow: 1 to 64 characters of
// `a-z 0-9 _ . -`. The time is Unix time in ns.
func NewEvent(kind string, timeNs uint64) *Event {
	return &Event{host.Event{Kind: host.Valid(kind), TimeNs: timeNs}}
}

// Field adds a field. Names are 1 to 64 characters of `a-z A-Z 0-9 _`, none twice; `kind`, `time_ns`
// and `plugin` are the host's. To put a value in place of one that is there, [Event.Set].
func (e *Event) Field(name string, value Value) *Event {
	e.row.Fields = append(e.row.Fields, host.Field{Name: host.Valid(name), Value: value.value})
	return e
}

// Text adds a text.
func (e *Event) Text(name, text string) *Event {
	return e.Field(name, Text(text))
}

// Int adds a whole number with a sign.
func (e *Event) Int(name string, number int64) *Event {
	return e.Field(name, Int(number))
}

// Uint adds a whole number without a sign.
func (e *Event) Uint(name string, number uint64) *Event {
	return e.Field(name, Uint(number))
}

// Float adds a fraction.
func (e *Event) Float(name string, number float64) *Event {
	return e.Field(name, Float(number))
}

// Truth adds true or false.
func (e *Event) Truth(name string, truth bool) *Event {
	return e.Field(name, Truth(truth))
}

// Bytes adds bytes, of which it keeps a copy.
func (e *Event) Bytes(name string, bytes []byte) *Event {
	return e.Field(name, Bytes(bytes))
}

// Addr adds an address, as a text; nothing, where it is not valid.
func (e *Event) Addr(name string, address netip.Addr) *Event {
	if !address.IsValid() {
		return e
	}
	return e.Field(name, Text(address.String()))
}

// Emit emits the row when the call ends; it is not to be changed any more. It panics then if the host refuses it, which ends the
// instance: a kind or field breaks a rule, or the call emits more rows than the host takes.
func (e *Event) Emit() {
	rows = append(rows, e.row)
	call.Events = flushEvents
	if len(rows) == rowsAtOnce {
		flushEvents()
	}
}

// EmitAll emits rows now, in order: all of them or, if the host refuses one, none.
func EmitAll(events []*Event) error {
	flushEvents()
	now := make([]host.Event, len(events))
	for i, event := range events {
		now[i] = event.row
	}
	if refused := host.Emit(now); refused != "" {
		return &EventsError{len(events), refused}
	}
	return nil
}

var rows []host.Event

func flushEvents() {
	if len(rows) == 0 {
		return
	}
	if refused := host.Emit(rows); refused != "" {
		panic("ringtap: the host refused events: " + refused)
	}
	clear(rows)
	rows = rows[:0]
}

// Kind is what the row is about.
func (e *Event) Kind() string {
	return e.row.Kind
}

// TimeNs is Unix time in ns.
func (e *Event) TimeNs() uint64 {
	return e.row.TimeNs
}

// Len is how many fields there are.
func (e *Event) Len() int {
	return len(e.row.Fields)
}

// Fields gives names and values, in order.
func (e *Event) Fields() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, field := range e.row.Fields {
			if !yield(field.Name, Value{field.Value}) {
				return
			}
		}
	}
}

// Value is the value of a field, if there is one of that name.
func (e *Event) Value(name string) (Value, bool) {
	if i := e.index(name); i >= 0 {
		return Value{e.row.Fields[i].Value}, true
	}
	return Value{}, false
}

// WithKind makes it a row of another kind.
func (e *Event) WithKind(kind string) *Event {
	e.row.Kind = host.Valid(kind)
	return e
}

// Set puts a value in place of the one that the field has, or adds the field.
func (e *Event) Set(name string, value Value) *Event {
	if i := e.index(name); i >= 0 {
		e.row.Fields[i].Value = value.value
		return e
	}
	return e.Field(name, value)
}

// Without takes out a field, if it is there.
func (e *Event) Without(name string) *Event {
	e.row.Fields = slices.DeleteFunc(e.row.Fields, func(field host.Field) bool { return field.Name == name })
	return e
}

func (e *Event) index(name string) int {
	return slices.IndexFunc(e.row.Fields, func(field host.Field) bool { return field.Name == name })
}

// EventOf is for packages that call plugins: a row that comes from the host.
func EventOf(row host.Event) *Event {
	return &Event{row}
}
