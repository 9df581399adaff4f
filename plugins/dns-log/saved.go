package main

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

var errDamaged = errors.New("the saved state is damaged")

// Bits of the byte that says what was seen.
const (
	sawQuestion = 1
	sawAnswer   = 2
)

// save writes the state in form 1: each exchange that waits, the oldest first. Numbers are
// little-endian; texts have 16 bits in front that say how long they are.
func (w *waiting) save() ([]byte, error) {
	var saved []byte
	for place := w.order.Front(); place != nil; place = place.Next() {
		saved = place.Value.(*exchange).save(saved)
	}
	return saved, nil
}

func (e *exchange) save(saved []byte) []byte {
	saved = binary.LittleEndian.AppendUint16(saved, e.tap)
	saved = appendText(saved, e.client.String())
	saved = appendText(saved, e.server.String())
	saved = binary.LittleEndian.AppendUint16(saved, e.id)
	saved = binary.LittleEndian.AppendUint16(saved, e.kind)
	saved = appendText(saved, e.name)
	saw := uint8(0)
	if e.asked {
		saw |= sawQuestion
	}
	if e.answered {
		saw |= sawAnswer
	}
	saved = append(saved, saw)
	saved = binary.LittleEndian.AppendUint64(saved, e.askedNs)
	saved = binary.LittleEndian.AppendUint64(saved, e.answeredNs)
	saved = append(saved, e.rcode)
	saved = binary.LittleEndian.AppendUint16(saved, e.answers)
	return appendText(saved, e.addresses)
}

func appendText(saved []byte, text string) []byte {
	saved = binary.LittleEndian.AppendUint16(saved, uint16(len(text)))
	return append(saved, text...)
}

// restore reads the state, and gives the exchanges for which there is no room: another config may allow
// fewer. What is saved may be damaged, and is not taken on trust.
func (w *waiting) restore(saved []byte) (pushed []*exchange, err error) {
	restored := newWaiting(w.most)
	for in := (reader{bytes: saved}); len(in.bytes) > 0; {
		exchange, ok := in.exchange()
		if _, twice := restored.byKey[exchange.key]; !ok || twice {
			return nil, errDamaged
		}
		if oldest := restored.push(exchange); oldest != nil {
			pushed = append(pushed, oldest)
		}
	}
	*w = *restored
	return pushed, nil
}

// reader takes bytes from the front, and remembers where there were too few.
type reader struct {
	bytes []byte
	short bool
}

func (r *reader) exchange() (*exchange, bool) {
	e := &exchange{}
	e.tap = binary.LittleEndian.Uint16(r.take(2))
	client, err := netip.ParseAddrPort(r.text())
	server, err2 := netip.ParseAddrPort(r.text())
	e.client, e.server = client, server
	e.id = binary.LittleEndian.Uint16(r.take(2))
	e.kind = binary.LittleEndian.Uint16(r.take(2))
	e.name = r.text()
	saw := r.take(1)[0]
	e.asked, e.answered = saw&sawQuestion != 0, saw&sawAnswer != 0
	e.askedNs = binary.LittleEndian.Uint64(r.take(8))
	e.answeredNs = binary.LittleEndian.Uint64(r.take(8))
	e.rcode = r.take(1)[0]
	e.answers = binary.LittleEndian.Uint16(r.take(2))
	e.addresses = r.text()
	// What has both is told at once, and what has neither never was.
	return e, !r.short && err == nil && err2 == nil && e.asked != e.answered
}

func (r *reader) text() string {
	return string(r.take(int(binary.LittleEndian.Uint16(r.take(2)))))
}

// take gives zeros where there are not so many bytes.
func (r *reader) take(size int) []byte {
	if len(r.bytes) < size {
		r.short, r.bytes = true, nil
		return make([]byte, size)
	}
	taken := r.bytes[:size]
	r.bytes = r.bytes[size:]
	return taken
}
