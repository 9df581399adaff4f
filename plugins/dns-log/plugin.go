// Tells of questions to name servers and of their answers: who asked whom for what, what came of it, and
// how long that took.
//
// Metrics:
//
//	dns_queries_total{type}         questions
//	dns_answers_total{type, rcode}  answers
//	dns_unanswered_total{type}      questions that got no answer in time
//	dns_answer_seconds              from a question to its answer, a histogram
//	dns_unreadable_total            messages that are cut or no standard query
//
// Types and response codes that are rare count as other, so that nobody who sends packets decides how
// many series there are.
//
// Events: dns for each exchange, with the fields client, client_port, server, name and type; answered;
// where there was an answer, rcode (text), answers (how many records) and addresses (text, the first of
// them with blanks between, where there are any); and rtt_us, where both were seen. Its time is the
// question's, or the answer's where no question was seen.
//
// Config, with its defaults:
//
//	timeout_seconds = 5      # how long a question waits for its answer, and one that came first for it
//	max_waiting = 4096       # how many exchanges may wait; beyond that the oldest are told as they are
//	only_failed = false      # tell only of those without an answer, or with another rcode than NOERROR
//
// It wants 512 bytes of payload, which the operator has to grant, and looks at UDP only. A packet that
// passes two taps is told of twice.
package main

import (
	"time"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
	"ringtap.dev/plugin/state"
)

type dnsLog struct {
	timeout    uint64
	onlyFailed bool
	waiting    *waiting
	metrics    *metrics
}

func start(text string) (*dnsLog, error) {
	ringtap.ReportPanics()
	config, err := ringtap.ParseConfig(text)
	if err != nil {
		return nil, err
	}
	log := &dnsLog{
		timeout:    uint64(config.Seconds("timeout_seconds", 5, 1, 60)),
		waiting:    newWaiting(int(config.Integer("max_waiting", 4096, 1, 100_000))),
		onlyFailed: config.Truth("only_failed", false),
	}
	if err := config.Finish(); err != nil {
		return nil, err
	}
	log.metrics, err = newMetrics()
	return log, err
}

func (l *dnsLog) OnPackets(batch *ringtap.Batch) {
	for packet := range batch.Packets() {
		l.look(packet)
	}
}

func (l *dnsLog) look(packet ringtap.Packet) {
	message, ok := parse(packet.Payload())
	if !ok {
		l.metrics.unreadable.Add(packet.Packets())
		return
	}
	key, ok := keyOf(packet, &message)
	if !ok {
		return
	}
	if message.answer {
		l.metrics.answered(&message, packet.Packets())
	} else {
		l.metrics.asked(&message, packet.Packets())
	}
	// An answer can come first: of two CPUs' packets, it is open which are seen earlier.
	exchange, pushed := l.waiting.find(key)
	if pushed != nil {
		l.tell(pushed)
	}
	exchange.add(&message, packet.TimeNs())
	if exchange.asked && exchange.answered {
		l.waiting.remove(exchange)
		l.metrics.took(exchange)
		l.tell(exchange)
	}
}

func (l *dnsLog) Tick(nowNs uint64) {
	for {
		oldest := l.waiting.oldest()
		if oldest == nil || oldest.startNs()+l.timeout > nowNs {
			return
		}
		l.waiting.remove(oldest)
		l.tell(oldest)
	}
}

func (l *dnsLog) Stop(uint64) {
	for oldest := l.waiting.oldest(); oldest != nil; oldest = l.waiting.oldest() {
		l.waiting.remove(oldest)
		l.tell(oldest)
	}
}

func (l *dnsLog) tell(e *exchange) {
	if !e.answered {
		l.metrics.gaveUp(e.kind)
	}
	if l.onlyFailed && e.answered && e.rcode == noError {
		return
	}
	event := ringtap.NewEvent("dns", e.startNs()).
		Addr("client", e.client.Addr()).
		Uint("client_port", uint64(e.client.Port())).
		Addr("server", e.server.Addr()).
		Text("name", e.name).
		Text("type", typeName(e.kind)).
		Truth("answered", e.answered)
	if e.answered {
		event.Text("rcode", rcodeName(e.rcode)).Uint("answers", uint64(e.answers))
		if e.addresses != "" {
			event.Text("addresses", e.addresses)
		}
	}
	if e.asked && e.answered {
		event.Uint("rtt_us", e.tookNs()/1000)
	}
	event.Emit()
}

func (l *dnsLog) Save() ([]byte, error) {
	return l.waiting.save()
}

func (l *dnsLog) Restore(_ uint32, saved []byte) error {
	pushed, err := l.waiting.restore(saved)
	for _, exchange := range pushed {
		l.tell(exchange)
	}
	return err
}

func init() {
	aggregate.Register(ringtap.Plugin[*dnsLog]{
		Name:      "dns-log",
		Version:   "1.0.0",
		Tick:      time.Second,
		Interests: []ringtap.Interest{{Name: "dns", Filter: "udp port 53", Payload: 512}},
		New:       start,
		State:     state.Of[*dnsLog](1, 1),
	})
}

func main() {}
