// Counts packets to web servers, and answers of name servers.
package main

import (
	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
)

// The plugin's interests, by their places in the list.
const (
	web = iota
	names
)

type services struct {
	web, names *ringtap.Counter
}

func start(string) (*services, error) {
	web, err := ringtap.NewCounter("services_web_packets_total", "Packets to web servers.")
	if err != nil {
		return nil, err
	}
	names, err := ringtap.NewCounter("services_answers_total", "Answers of name servers.")
	return &services{web, names}, err
}

func (s *services) OnPackets(batch *ringtap.Batch) {
	for packet := range batch.Packets() {
		if packet.Matches(web) {
			s.web.Add(packet.Packets())
		}
		// The highest bit of a DNS message's third byte: an answer.
		payload := packet.Payload()
		if packet.Matches(names) && len(payload) > 2 && payload[2]&0x80 != 0 {
			s.names.Add(packet.Packets())
		}
	}
}

func init() {
	aggregate.Register(ringtap.Plugin[*services]{
		Name:    "services",
		Version: "0.1.0",
		Interests: []ringtap.Interest{
			web:   {Name: "web", Filter: "tcp dst port 443"},
			names: {Name: "names", Filter: "udp port 53", Payload: 64},
		},
		New: start,
	})
}

func main() {}
