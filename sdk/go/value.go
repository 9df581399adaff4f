package ringtap

import (
	"math"

	"ringtap.dev/plugin/internal/host"
)

// Value is a value of a field. Two are equal, by ==, if type and value are.
type Value struct{ value host.Value }

// Text is a value that is a text. What is no UTF-8 in it becomes U+FFFD.
func Text(text string) Value {
	return Value{host.Value{Tag: host.Text, Text: host.Valid(text)}}
}

// Int is a value that is a whole number with a sign.
func Int(number int64) Value {
	return Value{host.Value{Tag: host.Int, Number: uint64(number)}}
}

// Uint is a value that is a whole number without a sign.
func Uint(number uint64) Value {
	return Value{host.Value{Tag: host.Uint, Number: number}}
}

// Float is a value that is a fraction.
func Float(number float64) Value {
	return Value{host.Value{Tag: host.Float, Number: math.Float64bits(number)}}
}

// Truth is a value that is true or false.
func Truth(truth bool) Value {
	number := uint64(0)
	if truth {
		number = 1
	}
	return Value{host.Value{Tag: host.Truth, Number: number}}
}

// Bytes is a value that is bytes. They are copied.
func Bytes(bytes []byte) Value {
	return Value{host.Value{Tag: host.Bytes, Text: string(bytes)}}
}

// Text is the value, if it is a text.
func (v Value) Text() (string, bool) {
	return v.text(host.Text)
}

// Uint is the value, if it is a whole number that is not negative.
func (v Value) Uint() (uint64, bool) {
	switch {
	case v.value.Tag == host.Uint, v.value.Tag == host.Int && int64(v.value.Number) >= 0:
		return v.value.Number, true
	}
	return 0, false
}

// Int is the value, if it is a whole number within range.
func (v Value) Int() (int64, bool) {
	switch {
	case v.value.Tag == host.Int, v.value.Tag == host.Uint && v.value.Number <= math.MaxInt64:
		return int64(v.value.Number), true
	}
	return 0, false
}

// Float is the value, if it is a number. A whole one beyond 2^53 is rounded.
func (v Value) Float() (float64, bool) {
	switch v.value.Tag {
	case host.Float:
		return math.Float64frombits(v.value.Number), true
	case host.Int:
		return float64(int64(v.value.Number)), true
	case host.Uint:
		return float64(v.value.Number), true
	}
	return 0, false
}

// Truth is the value, if it is true or false.
func (v Value) Truth() (truth, ok bool) {
	if v.value.Tag != host.Truth {
		return false, false
	}
	return v.value.Number != 0, true
}

// Bytes is a copy of the value, if it is bytes.
func (v Value) Bytes() ([]byte, bool) {
	text, ok := v.text(host.Bytes)
	if !ok {
		return nil, false
	}
	return []byte(text), true
}

func (v Value) text(tag host.Tag) (string, bool) {
	if v.value.Tag != tag {
		return "", false
	}
	return v.value.Text, true
}
