package ringtap

import (
	"math/bits"
	"net/netip"
)

// Packet is a packet, as a view of its record: reading a field is a load. It is good for the call that
// it came with. A method with a second result says false there where the packet has no such thing, or
// its headers ended before it.
type Packet struct {
	fields *Fields
	batch  *Batch
}

// Fields is the record as it is, for what there is no method for. Not to be written to.
func (p Packet) Fields() *Fields {
	return p.fields
}

// Has says whether all of these bits are set in [Fields].Marks.
func (p Packet) Has(marks uint32) bool {
	return p.fields.Marks&marks == marks
}

// TimeNs is when the tap saw the packet, Unix time in ns.
func (p Packet) TimeNs() uint64 {
	offset := p.batch.head.ClockOffsetNs
	time, carry := bits.Add64(p.fields.TimestampNs, uint64(offset), 0)
	switch {
	case offset >= 0 && carry == 1:
		return 1<<64 - 1
	case offset < 0 && carry == 0:
		return 0
	}
	return time
}

// Packets is how many packets this record stands for on the wire: the segments of a GSO super-packet,
// or 1, times [Packet.SampleOneIn]. Count with this, not with 1. With a sample, sums of it are estimates.
func (p Packet) Packets() uint64 {
	return p.segments() * uint64(p.SampleOneIn())
}

// WireBytes is how many bytes this record stands for on the wire, without frame check sequences: every
// segment of a GSO super-packet has headers of its own, and all of it counts [Packet.SampleOneIn] times.
// Count with this, not with [Packet.WireLen].
func (p Packet) WireBytes() uint64 {
	headers := uint64(p.fields.L7Offset)
	if p.Has(MarkVLANInMetadata) {
		headers += 4
	}
	bytes := uint64(p.WireLen()) + (p.segments()-1)*headers
	// No host's rate gets there; one that were wrong must not wrap.
	if over, all := bits.Mul64(bytes, uint64(p.SampleOneIn())); over == 0 {
		return all
	}
	return 1<<64 - 1
}

func (p Packet) segments() uint64 {
	if !p.Has(MarkGSO) {
		return 1
	}
	return max(uint64(p.fields.GSOSegments), 1)
}

// Matches says whether the plugin's interest of that index, from 0, took this packet: its filter
// matches, and the packet is in its sample.
func (p Packet) Matches(interest int) bool {
	return uint(interest) < 64 && p.fields.Matched>>uint(interest)&1 == 1
}

// SampleOneIn is how many records this one stands for, of all that the plugin's interests want
// together: 1 unless the plugin or the operator asked for a sample. [Packet.Packets] and
// [Packet.WireBytes] have it in them.
//
// Where several interests took the packet, it is the number of the one that keeps most; so it does not
// tell how many packets one interest alone would have seen.
func (p Packet) SampleOneIn() uint32 {
	return max(p.fields.SampleOneIn, 1)
}

// Payload is the first bytes from behind the headers, the application's, as far as an interest asked
// for them, the operator granted them, and the packet has them. Empty otherwise. They are good for the
// call: copy what is to be kept.
func (p Packet) Payload() []byte {
	start, size := uint64(p.fields.PayloadOffset), uint64(p.fields.PayloadLen)
	if start+size > uint64(len(p.batch.payload)) {
		return nil
	}
	return p.batch.payload[start : start+size : start+size]
}

// DontFragment is IPv4's "don't fragment".
func (p Packet) DontFragment() bool {
	return p.fields.IPVersion == 4 && p.fields.IPFlags&2 != 0
}

// No packet whose fixed IP header was there has the length 0.
func (p Packet) hasIP() bool {
	return p.fields.IPVersion != 0 && p.fields.IPLen != 0
}

// IPv6 has an identification in its fragment header only.
func (p Packet) hasIPID() bool {
	return p.hasIP() && (p.fields.IPVersion == 4 || p.Has(MarkIP6FragmentHeader))
}

func (p Packet) address(hi, lo uint64) netip.Addr {
	if p.fields.IPVersion == 4 {
		return ip4(lo)
	}
	var bytes [16]byte
	for i := range 8 {
		bytes[i], bytes[8+i] = byte(hi>>(56-8*i)), byte(lo>>(56-8*i))
	}
	return netip.AddrFrom16(bytes)
}

func ip4(lo uint64) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(lo >> 24), byte(lo >> 16), byte(lo >> 8), byte(lo)})
}
