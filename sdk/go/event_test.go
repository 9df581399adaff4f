//go:build !wasip1

package ringtap_test

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/host"
	"ringtap.dev/plugin/kv"
	"ringtap.dev/plugin/ringtaptest"
)

func TestEventsCrossWhenTheCallEndsOrManyWaitAndKeepTheirOrder(t *testing.T) {
	h := empty(t)
	kinds := func() []string {
		var kinds []string
		for _, row := range host.Current.Events {
			kinds = append(kinds, row.Kind)
		}
		return kinds
	}
	ringtap.NewEvent("a", 1).Emit()
	is(t, "before", len(kinds()), 0)
	call.End()
	is(t, "after", slices.Equal(kinds(), []string{"a"}), true)
	ringtap.NewEvent("b", 2).Emit()
	if err := ringtap.EmitAll([]*ringtap.Event{ringtap.NewEvent("c", 3)}); err != nil {
		t.Fatal(err)
	}
	is(t, "in order", slices.Equal(kinds(), []string{"a", "b", "c"}), true)
	for range 64 {
		ringtap.NewEvent("d", 4).Emit()
	}
	is(t, "many", len(kinds()), 3+64)
	call.End()
	is(t, "calls", host.Current.Calls, 4)
	is(t, "taken", len(h.TakeEvents()), 67)
	is(t, "taken again", len(h.TakeEvents()), 0)
}

func TestARefusalIsAnErrorOrEndsTheInstance(t *testing.T) {
	h := empty(t)
	h.RefuseEvents(true)
	err := ringtap.EmitAll([]*ringtap.Event{ringtap.NewEvent("a", 1), ringtap.NewEvent("b", 2)})
	is(t, "error", err.Error(), "the host refused 2 events: told to refuse")
	ringtap.NewEvent("a", 1).Emit()
	panics(t, "ringtap: the host refused events: told to refuse", call.End)
	h.RefuseEvents(false)
	call.End()
}

func row() *ringtap.Event {
	return ringtap.NewEvent("flow", 7).Text("src", "10.0.0.1").Uint("bytes", 9).Int("delta", -2).
		Float("ratio", 0.5).Truth("fresh", true).Bytes("raw", []byte{1}).Addr("none", netip.Addr{})
}

func TestAFieldIsReadAsWhatItCanBe(t *testing.T) {
	value := func(name string) ringtap.Value {
		value, ok := row().Value(name)
		is(t, name, ok, true)
		return value
	}
	is(t, "fields", row().Len(), 6)
	has(t, "src", value("src").Text, "10.0.0.1")
	lacks(t, "bytes", value("bytes").Text)
	has(t, "bytes", value("bytes").Uint, 9)
	lacks(t, "delta", value("delta").Uint)
	has(t, "bytes", value("bytes").Int, 9)
	has(t, "delta", value("delta").Int, -2)
	has(t, "bytes", value("bytes").Float, 9)
	has(t, "delta", value("delta").Float, -2)
	has(t, "ratio", value("ratio").Float, 0.5)
	lacks(t, "src", value("src").Float)
	has(t, "fresh", value("fresh").Truth, true)
	lacks(t, "raw", value("raw").Truth)
	raw, ok := value("raw").Bytes()
	is(t, "raw", ok && slices.Equal(raw, []byte{1}), true)
	lacks(t, "big", ringtap.Uint(math.MaxUint64).Int)
	_, ok = row().Value("absent")
	is(t, "absent", ok, false)
}

func TestARowIsReshapedAndKeepsItsOrder(t *testing.T) {
	row := row().WithKind("export").Set("bytes", ringtap.Text("many")).Set("seen_by", ringtap.Text("edge")).
		Without("delta").Without("absent")
	var names []string
	for name := range row.Fields() {
		names = append(names, name)
	}
	is(t, "kind", row.Kind(), "export")
	is(t, "time", row.TimeNs(), 7)
	if !slices.Equal(names, []string{"src", "bytes", "ratio", "fresh", "raw", "seen_by"}) {
		t.Error(names)
	}
	bytes, _ := row.Value("bytes")
	is(t, "bytes", bytes, ringtap.Text("many"))
}

func TestATextIsUTF8(t *testing.T) {
	is(t, "text", ringtap.Text("a\xffb"), ringtap.Text("a\uFFFDb"))
	is(t, "kind", ringtap.NewEvent("\xff", 0).Kind(), "\uFFFD")
}

func TestTheStore(t *testing.T) {
	h := empty(t)
	_, ok := kv.Get("a")
	is(t, "nothing yet", ok, false)
	for _, key := range []string{"b/2", "b/1", "a", "a"} {
		if err := kv.Set(key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	value, _ := kv.Get("a")
	is(t, "a", string(value), "a")
	is(t, "keys", slices.Equal(kv.Keys("b/"), []string{"b/1", "b/2"}), true)
	kv.Delete("b/1")
	kv.Delete("never there")
	is(t, "keys", slices.Equal(kv.Keys(""), []string{"a", "b/2"}), true)
	is(t, "empty", kv.Set("", nil).Error(), `can't store the key "": it has 0 bytes, not 1 to 256`)
	is(t, "long", kv.Set("k", make([]byte, 65537)).Error(),
		`can't store the key "k": its value has 65537 bytes, at most 65536`)
	h.RefuseKV(true)
	is(t, "full", kv.Set("k", nil).Error(), `can't store the key "k": told to refuse`)
}

// counts is a plugin with all that a harness looks at. It refuses to save an odd number, and to
// restore more than 4.
type counts struct {
	seen    uint64
	packets *ringtap.Counter
}

type refusal string

func (r refusal) Error() string { return string(r) }

func startCounts(config string) (*counts, error) {
	starts, _ := kv.Get("starts")
	if err := kv.Set("starts", append(starts, 1)); err != nil {
		return nil, err
	}
	if config == "bad" {
		ringtap.Log(ringtap.Warn, "refused")
		return nil, refusal("told to refuse")
	}
	packets, err := ringtap.NewCounter("packets_total", "")
	return &counts{0, packets}, err
}

func (c *counts) OnPackets(batch *ringtap.Batch) {
	c.seen += uint64(batch.Len())
	c.packets.Add(uint64(batch.Len()))
}

func (c *counts) Save() ([]byte, error) {
	c.packets.Add(1000)
	if c.seen%2 == 1 {
		return nil, refusal("odd")
	}
	return []byte{byte(c.seen)}, nil
}

func (c *counts) Restore(schema uint32, saved []byte) error {
	c.seen = uint64(saved[0])
	if schema != 3 || c.seen > 4 {
		return refusal("too much")
	}
	return nil
}

func TestAReloadHandsOverAndAFailedOneChangesNothing(t *testing.T) {
	h := ringtaptest.New(t, startCounts, "")
	packets := func(count int) {
		h.Packets(slices.Repeat([]ringtaptest.Record{ringtaptest.Frame()}, count)...)
	}
	looks := func(seen uint64, counted float64, starts int) {
		t.Helper()
		is(t, "seen", h.Plugin().seen, seen)
		has(t, "counted", func() (float64, bool) { return h.Metric("packets_total") }, counted)
		stored, _ := h.Stored("starts")
		is(t, "starts", len(stored), starts)
	}
	refuses := func(config, want string) {
		t.Helper()
		if err := h.Reload(3, config); err == nil || err.Error() != want {
			t.Errorf("%v, not %q", err, want)
		}
	}
	packets(4)
	if err := h.Reload(3, ""); err != nil {
		t.Fatal(err)
	}
	looks(4, 4, 2)
	packets(1)
	refuses("", "odd")
	looks(5, 5, 2)
	packets(1)
	refuses("", "too much")
	refuses("bad", "told to refuse")
	looks(6, 6, 2)
	is(t, "lines stay", len(h.TakeLog()), 1)
	packets(1)
	looks(7, 7, 2)
	if err := h.Restart(""); err != nil {
		t.Fatal(err)
	}
	looks(0, 0, 3)
	is(t, "a refusal", ringtaptest.Refusal(t, startCounts, "bad"), "told to refuse")
}

type longer struct{ last uint32 }

func (l *longer) Keep(packet ringtap.Packet) bool {
	keeps := packet.WireLen() > l.last
	l.last = packet.WireLen()
	return keeps
}

type wholes struct{ longer }

func (w *wholes) KeepBatch(batch *ringtap.Batch) ringtap.Kept {
	keeps := batch.Packet(0).WireLen() == 60
	return ringtap.KeptOf(batch, func(ringtap.Packet) bool { return keeps })
}

func TestAFilterSaysOfEachPacketOrOfABatch(t *testing.T) {
	of := func(sizes ...uint32) []ringtaptest.Record {
		var records []ringtaptest.Record
		for _, size := range sizes {
			records = append(records, ringtaptest.Frame().Len(size))
		}
		return records
	}
	each := ringtaptest.New(t, func(string) (*longer, error) { return &longer{}, nil }, "")
	is(t, "each", slices.Equal(each.Keep(of(60, 70, 70, 90)...), []bool{true, true, false, true}), true)
	is(t, "next", slices.Equal(each.Keep(of(80, 81)...), []bool{false, true}), true)
	whole := ringtaptest.New(t, func(string) (*wholes, error) { return &wholes{}, nil }, "")
	is(t, "all", slices.Equal(whole.Keep(of(60, 61, 62)...), []bool{true, true, true}), true)
	is(t, "none", slices.Equal(whole.Keep(of(61, 60)...), []bool{false, false}), true)
	many := ringtaptest.New(t, func(string) (*longer, error) { return &longer{}, nil }, "")
	kept := many.Keep(slices.Repeat(of(9), 1024)...)
	is(t, "bits", len(kept) == 1024 && kept[0] && !slices.Contains(kept[1:], true), true)
}
