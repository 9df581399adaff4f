// Package host is what a plugin may call: in a component its imports, natively a recorder for tests.
//
// Each call stands in a function of its own. What a plugin's code does not reach, the linker leaves
// out, and with it the import that the operator would read.
package host

import (
	"strings"
	"unicode/utf8"
)

// OverflowBit is set in the handles of overflow series; see wit/capabilities.wit.
const OverflowBit = 1 << 31

// Kind is what a metric is.
type Kind uint8

// The kinds, as the interface has a function for each.
const (
	Counter Kind = iota
	Gauge
	Histogram
)

// Label is a label of a series.
type Label struct{ Name, Value string }

// Definition is what a series is defined by.
type Definition struct {
	Kind       Kind
	Name, Help string
	// Upper bounds of a histogram.
	Bounds []float64
	Labels []Label
}

// Tag says what a value is, as types.value counts.
type Tag uint8

// The cases of types.value.
const (
	Text Tag = iota
	Int
	Uint
	Float
	Truth
	Bytes
)

// Value is a value of an event's field. Number has an Int, Uint, Truth or the bits of a Float; Text
// a Text or Bytes.
type Value struct {
	Tag    Tag
	Number uint64
	Text   string
}

// Field is a field of an event.
type Field struct {
	Name  string
	Value Value
}

// Event is a named row.
type Event struct {
	Kind   string
	TimeNs uint64
	Fields []Field
}

// Refusal is what the host says where it refuses; empty where it does not.
type Refusal = string

// Valid is a text as the host takes it: what is no UTF-8 becomes U+FFFD.
func Valid(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
