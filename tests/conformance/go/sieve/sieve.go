// Sieve keeps the TCP packets of one host.
package main

import (
	"errors"
	"net/netip"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/filter"
)

const tcp = 6

type sieve struct {
	host netip.Addr
	kept *ringtap.Counter
}

func start(text string) (*sieve, error) {
	config, err := ringtap.ParseConfig(text)
	if err != nil {
		return nil, err
	}
	host := config.Text("host", "198.51.100.1")
	if err := config.Finish(); err != nil {
		return nil, err
	}
	address, err := netip.ParseAddr(host)
	// A zone belongs to an interface of one host; no packet has it.
	if err != nil || address.Zone() != "" {
		return nil, errors.New("config key `host`: " + host + " is no IP address")
	}
	kept, err := ringtap.NewCounter("sieve_kept_total", "Packets that were kept.")
	return &sieve{address, kept}, err
}

func (s *sieve) Keep(packet ringtap.Packet) bool {
	if protocol, ok := packet.Protocol(); !ok || protocol != tcp {
		return false
	}
	src, _ := packet.Src()
	dst, _ := packet.Dst()
	if src != s.host && dst != s.host {
		return false
	}
	s.kept.Add(packet.Packets())
	return true
}

func init() {
	filter.Register(ringtap.Plugin[*sieve]{Name: "sieve", Version: "1.0.0", New: start})
}

func main() {}
