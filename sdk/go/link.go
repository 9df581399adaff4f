package ringtap

import (
	"iter"
	"net/netip"
)

// MACAddress is a MAC address, in the order of transmission.
type MACAddress [6]byte

func macOf(hi uint32, lo uint16) MACAddress {
	return MACAddress{byte(hi >> 24), byte(hi >> 16), byte(hi >> 8), byte(hi), byte(lo >> 8), byte(lo)}
}

// String is the address as 02:00:5e:00:53:01.
func (m MACAddress) String() string {
	const digits = "0123456789abcdef"
	text := make([]byte, 0, 17)
	for i, b := range m {
		if i > 0 {
			text = append(text, ':')
		}
		text = append(text, digits[b>>4], digits[b&15])
	}
	return string(text)
}

// VLANTag is a VLAN tag.
type VLANTag struct {
	// ID is the VLAN's, 12 bits.
	ID uint16
	// Priority is the priority code point, 3 bits.
	Priority uint8
	// DropEligible says that the frame may be dropped first.
	DropEligible bool
	// Service is true for an 802.1ad service tag, not 802.1Q.
	Service bool
}

// VLANTags gives the VLAN tags, outermost first, at most 4.
func (p Packet) VLANTags() iter.Seq[VLANTag] {
	return func(yield func(VLANTag) bool) {
		fields := p.fields
		all := [4]uint16{fields.VLAN0, fields.VLAN1, fields.VLAN2, fields.VLAN3}
		for i, tci := range all[:min(fields.VLANCount, 4)] {
			tag := VLANTag{
				ID:           tci & 0xfff,
				Priority:     uint8(tci >> 13),
				DropEligible: tci&0x1000 != 0,
				Service:      fields.Marks&(MarkServiceTag<<i) != 0,
			}
			if !yield(tag) {
				return
			}
		}
	}
}

// ARP is an ARP packet's operation and protocol addresses.
type ARP struct {
	// Operation is 1 for a request, 2 for a reply (RFC 826).
	Operation uint8
	// Sender is the sender's address.
	Sender netip.Addr
	// Target is the target's address.
	Target netip.Addr
}

// ARP is what an ARP packet says.
func (p Packet) ARP() (ARP, bool) {
	if !p.Has(MarkARP) {
		return ARP{}, false
	}
	return ARP{p.fields.ICMPType, ip4(p.fields.SrcLo), ip4(p.fields.DstLo)}, true
}

// GSO is how a GSO super-packet is cut before the wire.
type GSO struct {
	// Size is payload bytes in each segment.
	Size uint16
	// Segments is how many there are.
	Segments uint16
}

// GSO is how the super-packet will be cut, if it is one.
func (p Packet) GSO() (GSO, bool) {
	if !p.Has(MarkGSO) {
		return GSO{}, false
	}
	return GSO{p.fields.GSOSize, p.fields.GSOSegments}, true
}

// Contains says whether all of these flags are set.
func (f TCPFlags) Contains(flags TCPFlags) bool {
	return f&flags == flags
}

// Intersects says whether any of these flags is set.
func (f TCPFlags) Intersects(flags TCPFlags) bool {
	return f&flags != 0
}

// String is xdp, tc, replay, or other for one that is newer than this SDK.
func (h Hook) String() string {
	switch h {
	case HookXDP:
		return "xdp"
	case HookTC:
		return "tc"
	case HookReplay:
		return "replay"
	}
	return "other"
}

// Hook is where the tap sits.
func (p Packet) Hook() Hook {
	return Hook(p.fields.Hook)
}

// String is ingress or egress, or unknown.
func (d Direction) String() string {
	switch d {
	case DirectionIngress:
		return "ingress"
	case DirectionEgress:
		return "egress"
	}
	return "unknown"
}

// Direction is which way the packet passed; not known in replay.
func (p Packet) Direction() (Direction, bool) {
	direction := Direction(p.fields.Direction)
	return direction, direction == DirectionIngress || direction == DirectionEgress
}
