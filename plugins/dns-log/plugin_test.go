package main

import (
	"net/netip"
	"strings"
	"testing"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/ringtaptest"
)

const (
	millisecond = 1_000_000
	second      = 1000 * millisecond
	client      = "10.0.0.1:5000"
	server      = "192.0.2.53:53"
)

func asks(timeNs uint64, id uint16) ringtaptest.Record {
	return ringtaptest.UDP(client, server).At(timeNs).Payload(dns(id, question, exampleName, typeA))
}

func answers(timeNs uint64, id uint16, rcode uint16, records ...string) ringtaptest.Record {
	message := dns(id, answered|rcode, exampleName, typeA, records...)
	return ringtaptest.UDP(server, client).At(timeNs).Payload(message)
}

// told is the fields of an event, as texts.
func told(event *ringtap.Event) string {
	var fields []string
	for name, value := range event.Fields() {
		if text, ok := value.Text(); ok {
			fields = append(fields, name+"="+text)
		}
	}
	for _, name := range []string{"answers", "rtt_us"} {
		value, _ := event.Value(name)
		if number, ok := value.Uint(); ok {
			fields = append(fields, name+"="+string('0'+rune(number%10)))
		}
	}
	return strings.Join(fields, " ")
}

func expect(t *testing.T, host *ringtaptest.Host[*dnsLog], want ...string) {
	t.Helper()
	events := host.TakeEvents()
	if len(events) != len(want) {
		t.Fatalf("there are %d events, not %d", len(events), len(want))
	}
	for i, event := range events {
		if got := told(event); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}

const asked = "client=10.0.0.1 server=192.0.2.53 name=example.org type=A"

func TestAnExchangeIsToldWhenItsAnswerComes(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	host.Packets(asks(second, 1), asks(second, 2))
	expect(t, host)
	host.Packets(answers(second+7000, 2, 3), answers(second+4000, 1, 0, record(typeA, "\xc0\x00\x02\x01")))
	expect(t, host,
		asked+" rcode=NXDOMAIN answers=0 rtt_us=7",
		asked+" rcode=NOERROR addresses=192.0.2.1 answers=1 rtt_us=4")
	label := func(name, value string) ringtap.Label { return ringtap.Label{Name: name, Value: value} }
	if count, _ := host.Metric("dns_queries_total", label("type", "A")); count != 2 {
		t.Error(count)
	}
	if count, _ := host.Metric("dns_answers_total", label("type", "A"), label("rcode", "NXDOMAIN")); count != 1 {
		t.Error(count)
	}
	if sum, _ := host.Metric("dns_answer_seconds"); sum != 11e-6 {
		t.Error(sum)
	}
}

func TestTheOrderOfAQuestionAndItsAnswerIsOpen(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	host.Packets(answers(second+4000, 1, 0))
	expect(t, host)
	host.Packets(asks(second, 1))
	expect(t, host, asked+" rcode=NOERROR answers=0 rtt_us=4")
	// Of clocks that differ, nothing negative comes.
	host.Packets(asks(second+5000, 1), answers(second, 1, 0))
	expect(t, host, asked+" rcode=NOERROR answers=0 rtt_us=0")
}

func TestWhatWaitsTooLongIsToldAsItIs(t *testing.T) {
	host := ringtaptest.New(t, start, "timeout_seconds = 2")
	host.Packets(asks(second, 1), asks(second+1, 1), answers(second+5, 9, 5))
	host.Tick(3*second - 1)
	expect(t, host)
	host.Tick(3 * second)
	expect(t, host, asked)
	host.Tick(4 * second)
	expect(t, host, asked+" rcode=REFUSED answers=0")
	if count, _ := host.Metric("dns_unanswered_total", ringtap.Label{Name: "type", Value: "A"}); count != 1 {
		t.Error(count)
	}
	host.Packets(asks(4*second, 1))
	host.Stop(4 * second)
	expect(t, host, asked)
}

func TestNotMoreWaitThanTheConfigAllows(t *testing.T) {
	host := ringtaptest.New(t, start, "max_waiting = 2")
	host.Packets(asks(second, 1), asks(second, 2), asks(second, 3))
	expect(t, host, asked)
	host.Packets(answers(second+1000, 1, 0), answers(second+1000, 3, 0))
	// That of 1 is no answer to anything known, and pushes out 2.
	expect(t, host, asked, asked+" rcode=NOERROR answers=0 rtt_us=1")
}

func TestOnlyFailuresCanBeTold(t *testing.T) {
	host := ringtaptest.New(t, start, "only_failed = true")
	host.Packets(asks(second, 1), answers(second, 1, 0), asks(second, 2), answers(second, 2, 2), asks(second, 3))
	host.Tick(10 * second)
	expect(t, host, asked+" rcode=SERVFAIL answers=0 rtt_us=0", asked)
}

func TestWhatIsUnreadableIsCounted(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	host.Packets(ringtaptest.UDP(client, server).Payload([]byte("no DNS")), ringtaptest.UDP(client, server).Sampled(3))
	if count, _ := host.Metric("dns_unreadable_total"); count != 4 {
		t.Error(count)
	}
	expect(t, host)
}

func TestAReloadLosesNoQuestion(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	host.Packets(asks(second, 1), asks(second, 2), answers(second, 7, 3, record(typeA, "\xc0\x00\x02\x01")))
	if err := host.Reload(1, ""); err != nil {
		t.Fatal(err)
	}
	host.Packets(answers(second+3000, 2, 0))
	expect(t, host, asked+" rcode=NOERROR answers=0 rtt_us=3")
	if err := host.Reload(1, "max_waiting = 1"); err != nil {
		t.Fatal(err)
	}
	expect(t, host, asked)
	host.Tick(10 * second)
	expect(t, host, asked+" rcode=NXDOMAIN addresses=192.0.2.1 answers=1")
}

func TestADamagedStateIsRefused(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	host.Packets(asks(second, 1), asks(second, 2))
	saved, err := host.Save()
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() *ringtaptest.Host[*dnsLog] { return ringtaptest.New(t, start, "") }
	for size := range len(saved) {
		// Half of it is the first of the two.
		if err := fresh().Restore(1, saved[:size]); (err == nil) != (size == 0 || size == len(saved)/2) {
			t.Errorf("the first %d of %d bytes: %v", size, len(saved), err)
		}
	}
	if err := fresh().Restore(1, append(saved, saved...)); err == nil {
		t.Error("the same twice is taken")
	}
}

func TestWhatTheConfigRefuses(t *testing.T) {
	want := "config key `timeout` is not known; there are: timeout_seconds, max_waiting, only_failed"
	if refusal := ringtaptest.Refusal(t, start, "timeout = 1"); refusal != want {
		t.Error(refusal)
	}
}

// FuzzRestore looks for states that are taken and should not be: what is taken comes out the same.
func FuzzRestore(f *testing.F) {
	w := newWaiting(10)
	end := netip.MustParseAddrPort("[2001:db8::1]:53")
	e, _ := w.find(key{client: end, server: end, name: "a"})
	e.asked = true
	saved, _ := w.save()
	f.Add(saved)
	f.Add(saved[:5])
	f.Fuzz(func(t *testing.T, saved []byte) {
		w := newWaiting(1 << 20)
		if _, err := w.restore(saved); err != nil {
			return
		}
		again, _ := w.save()
		same := newWaiting(1 << 20)
		if _, err := same.restore(again); err != nil || len(same.byKey) != len(w.byKey) {
			t.Errorf("%q is taken and %q is not: %v", saved, again, err)
		}
	})
}
