package main

import (
	"container/list"
	"net/netip"
	"strings"

	ringtap "ringtap.dev/plugin"
)

// key is what a question and its answer have in common.
type key struct {
	// Each tap sees both.
	tap            uint16
	client, server netip.AddrPort
	id, kind       uint16
	name           string
}

// exchange is a question, its answer, or both.
type exchange struct {
	key
	asked, answered     bool
	askedNs, answeredNs uint64
	rcode               uint8
	answers             uint16
	// With blanks between.
	addresses string
	place     *list.Element
}

func keyOf(packet ringtap.Packet, m *message) (key, bool) {
	src, dst, ok := ends(packet)
	if m.answer {
		src, dst = dst, src
	}
	return key{packet.Tap(), src, dst, m.id, m.kind, m.name}, ok
}

func ends(packet ringtap.Packet) (src, dst netip.AddrPort, ok bool) {
	from, hasFrom := packet.Src()
	to, hasTo := packet.Dst()
	fromPort, hasPort := packet.SrcPort()
	toPort, _ := packet.DstPort()
	return netip.AddrPortFrom(from, fromPort), netip.AddrPortFrom(to, toPort), hasFrom && hasTo && hasPort
}

// add takes in a message. Of one that is sent again, the first counts.
func (e *exchange) add(m *message, timeNs uint64) {
	switch {
	case !m.answer && !e.asked:
		e.asked, e.askedNs = true, timeNs
	case m.answer && !e.answered:
		e.answered, e.answeredNs = true, timeNs
		e.rcode, e.answers = m.rcode, m.answers
		texts := make([]string, len(m.addresses))
		for i, address := range m.addresses {
			texts[i] = address.String()
		}
		e.addresses = strings.Join(texts, " ")
	}
}

func (e *exchange) startNs() uint64 {
	if e.asked {
		return e.askedNs
	}
	return e.answeredNs
}

// tookNs is 0 where clocks of two CPUs differ by more.
func (e *exchange) tookNs() uint64 {
	return max(e.answeredNs, e.askedNs) - e.askedNs
}

// waiting is exchanges of which a part is still to come, in the order in which they began.
type waiting struct {
	most  int
	byKey map[key]*exchange
	order *list.List
}

func newWaiting(most int) *waiting {
	return &waiting{most, map[key]*exchange{}, list.New()}
}

// find gives the exchange of a key, a new one if there is none. Where there are too many then, the
// oldest is pushed out.
func (w *waiting) find(key key) (found, pushed *exchange) {
	if found, ok := w.byKey[key]; ok {
		return found, nil
	}
	found = &exchange{key: key}
	return found, w.push(found)
}

func (w *waiting) push(e *exchange) (pushed *exchange) {
	if len(w.byKey) == w.most {
		pushed = w.oldest()
		w.remove(pushed)
	}
	w.byKey[e.key] = e
	e.place = w.order.PushBack(e)
	return pushed
}

// oldest is nil where nothing waits.
func (w *waiting) oldest() *exchange {
	front := w.order.Front()
	if front == nil {
		return nil
	}
	return front.Value.(*exchange)
}

func (w *waiting) remove(e *exchange) {
	delete(w.byKey, e.key)
	w.order.Remove(e.place)
}
