package main

import ringtap "ringtap.dev/plugin"

// From a cache in the same host to a resolver that asks around the world.
var seconds = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5}

type metrics struct {
	queries, answers, unanswered *ringtap.Family[*ringtap.Counter]
	times                        *ringtap.Histogram
	unreadable                   *ringtap.Counter
}

func newMetrics() (*metrics, error) {
	m := &metrics{
		queries:    ringtap.NewCounterFamily("dns_queries_total", "Questions to name servers.", "type"),
		answers:    ringtap.NewCounterFamily("dns_answers_total", "Answers of name servers.", "type", "rcode"),
		unanswered: ringtap.NewCounterFamily("dns_unanswered_total", "Questions that got no answer in time.", "type"),
	}
	var err error
	m.times, err = ringtap.NewHistogram("dns_answer_seconds", "From a question to its answer.", seconds)
	if err != nil {
		return nil, err
	}
	m.unreadable, err = ringtap.NewCounter("dns_unreadable_total", "Messages that are cut or no standard query.")
	return m, err
}

func (m *metrics) asked(message *message, packets uint64) {
	add(m.queries, packets, typeLabel(message.kind))
}

func (m *metrics) answered(message *message, packets uint64) {
	add(m.answers, packets, typeLabel(message.kind), rcodeLabel(message.rcode))
}

func (m *metrics) gaveUp(kind uint16) {
	add(m.unanswered, 1, typeLabel(kind))
}

func (m *metrics) took(e *exchange) {
	m.times.Observe(float64(e.tookNs()) / 1e9)
}

// add is lost where the host defines no such series, as for a name that another plugin has for a gauge.
func add(family *ringtap.Family[*ringtap.Counter], count uint64, labels ...string) {
	series, err := family.With(labels...)
	if err != nil {
		ringtap.Log(ringtap.Warn, err.Error())
		return
	}
	series.Add(count)
}
