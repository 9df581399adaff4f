package main

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

const (
	question = 0
	answered = 0x8000
)

// dns is a message with a question, and the records behind it.
func dns(id, flags uint16, name string, kind uint16, records ...string) []byte {
	var bytes []byte
	for _, word := range []uint16{id, flags, 1, uint16(len(records)), 0, 0} {
		bytes = binary.BigEndian.AppendUint16(bytes, word)
	}
	bytes = append(bytes, name...)
	bytes = binary.BigEndian.AppendUint16(bytes, kind)
	bytes = binary.BigEndian.AppendUint16(bytes, 1)
	return append(bytes, strings.Join(records, "")...)
}

// record is one of the name in the question.
func record(kind uint16, data string) string {
	bytes := []byte{0xc0, headerSize, byte(kind >> 8), byte(kind), 0, 1, 0, 0, 0, 60, 0, byte(len(data))}
	return string(bytes) + data
}

const exampleName = "\x07Example\x03org\x00"

func TestAQuestion(t *testing.T) {
	m, ok := parse(dns(7, question|0x100, exampleName, typeAAAA))
	if !ok || m.answer || m.id != 7 || m.name != "example.org" || m.kind != typeAAAA {
		t.Errorf("%+v, %v", m, ok)
	}
}

func TestAnAnswerWithAddresses(t *testing.T) {
	m, ok := parse(dns(7, answered|3, exampleName, typeA,
		record(5, "\x03www\xc0\x0c"), record(typeA, "\xc0\x00\x02\x01"), record(typeAAAA, "short"),
		record(typeAAAA, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01")))
	want := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	if !ok || !m.answer || m.rcode != 3 || m.answers != 4 || !slices.Equal(m.addresses, want) {
		t.Errorf("%+v, %v", m, ok)
	}
}

func TestAnswersThatAreCutAreLeftOut(t *testing.T) {
	whole := dns(7, answered, exampleName, typeA, record(typeA, "\xc0\x00\x02\x01"), record(typeA, "\xc0\x00\x02\x02"))
	for size := len(whole) - 1; size >= len(whole)-16; size-- {
		if m, ok := parse(whole[:size]); !ok || len(m.addresses) != 1 {
			t.Errorf("of %d bytes: %+v, %v", size, m, ok)
		}
	}
	many := make([]string, 100)
	for i := range many {
		many[i] = record(typeA, "\xc0\x00\x02\x01")
	}
	if m, _ := parse(dns(7, answered, exampleName, typeA, many...)); len(m.addresses) != maxAddresses || m.answers != 100 {
		t.Errorf("%d of %d", len(m.addresses), m.answers)
	}
}

func TestNames(t *testing.T) {
	long := strings.Repeat("\x3f"+strings.Repeat("a", 63), 3)
	for raw, want := range map[string]string{
		"\x00":                  ".",
		"\x01a\x01B\x00":        "a.b",
		"\x04a.\\ \x01\xff\x00": `a\.\\\032.\255`,
		long + "\x3d" + strings.Repeat("b", 61) + "\x00": strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 61),
	} {
		if m, ok := parse(dns(7, question, raw, 1)); !ok || m.name != want {
			t.Errorf("%q: %q, %v", raw, m.name, ok)
		}
	}
}

func TestWhatIsNoMessage(t *testing.T) {
	long := strings.Repeat("\x3f"+strings.Repeat("a", 63), 3)
	twoQuestions := dns(7, question, exampleName, 1)
	twoQuestions[5] = 2
	for what, payload := range map[string][]byte{
		"nothing":             nil,
		"short":               dns(7, question, exampleName, 1)[:11],
		"no type":             dns(7, question, exampleName, 1)[:headerSize+len(exampleName)+3],
		"no end of a name":    dns(7, question, "\x01a", 1)[:headerSize+2],
		"a label too long":    dns(7, question, "\x40"+strings.Repeat("a", 64)+"\x00", 1),
		"a label cut":         dns(7, question, "\x3fabc", 1),
		"a name too long":     dns(7, question, long+"\x3e"+strings.Repeat("b", 62)+"\x00", 1),
		"a jump to itself":    dns(7, question, "\xc0\x0c", 1),
		"a jump forward":      dns(7, question, "\xc0\x20", 1),
		"a jump that is cut":  dns(7, question, "\xc0", 1)[:headerSize+1],
		"a jump after labels": dns(7, question, "\x01a\xc0\x0c", 1),
		"an update":           dns(7, question|5<<11, exampleName, 1),
		"two questions":       twoQuestions,
	} {
		if m, ok := parse(payload); ok {
			t.Errorf("%s: %+v", what, m)
		}
	}
}

// FuzzMessage looks for bytes that a reader of messages trips over.
func FuzzMessage(f *testing.F) {
	f.Add(dns(7, question, exampleName, typeA))
	f.Add(dns(7, answered|3, exampleName, typeA, record(5, "\x03www\xc0\x0c"), record(typeA, "\xc0\x00\x02\x01")))
	f.Add(dns(7, question, "\xc0\x0c", 1))
	f.Add([]byte("\xff\xff\x00\x00\x00\x01\xff\xff\x00\x00\x00\x00\xc0\x04"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		m, ok := parse(payload)
		if !ok {
			return
		}
		if m.name == "" || len(m.name) > 4*maxName || len(m.addresses) > maxAddresses {
			t.Errorf("%+v", m)
		}
		for _, letter := range []byte(m.name) {
			if letter <= ' ' || letter > '~' {
				t.Errorf("%q has %q", m.name, letter)
			}
		}
	})
}
