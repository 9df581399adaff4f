package ringtap

import "ringtap.dev/plugin/internal/call"

// Interest is packets that a plugin wants to see: those that a filter takes, all or a sample of them,
// and how much of each.
//
//	ringtap.Interest{Name: "web", Filter: "tcp dst port 443", Sample: 100}
//	ringtap.Interest{Name: "dns", Filter: "udp port 53", Payload: 128}
//
// The operator may narrow each: with a filter of their own, a smaller sample, fewer payload bytes. An
// interest that breaks a rule refuses the plugin when it is loaded; `ringtap plugin inspect` says which
// and why.
type Interest struct {
	// Name is for people: 1 to 64 characters of `a-z 0-9 _ -`, unique within the plugin.
	Name string
	// Filter is in pcap-filter's language, as in tcpdump; empty for every packet. It is evaluated in
	// the kernel, so a packet that no plugin wants costs little.
	Filter string
	// Sample keeps one in so many of those packets by chance, up to 1,000,000; all, where it is 0 or 1.
	// What a record stands for then, [Packet.Packets] and [Packet.WireBytes] tell.
	Sample uint32
	// SampleFlows keeps all packets of one in so many flows, in both directions, and none of the
	// others; a hash of addresses, protocol and ports tells which. It goes before Sample. Interests of
	// one plugin that keep fewer than all either all have Sample or all SampleFlows.
	SampleFlows uint32
	// Payload asks for so many bytes from behind the headers of each packet, 0 to 1,500. The operator
	// has to grant them, or the plugin is refused. See [Packet.Payload].
	Payload uint32
}

func (i Interest) described() call.Interest {
	oneIn := i.Sample
	if i.SampleFlows > 0 {
		oneIn = i.SampleFlows
	}
	return call.Interest{
		Name: i.Name, Filter: i.Filter,
		SampleOneIn: max(oneIn, 1), ByFlow: i.SampleFlows > 0,
		Payload: i.Payload,
	}
}
