//go:build !wasip1

package ringtaptest

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"unsafe"

	ringtap "ringtap.dev/plugin"
)

// Record is a packet for a test: 100 bytes on interface 1, in a capture, at time 0, wanted by the
// plugin's first interest, not sampled and without payload, unless said otherwise. Its methods give
// another one.
type Record struct {
	// Fields can be set to whatever there is no method for.
	Fields  ringtap.Fields
	payload []byte
}

// Frame is a frame that is no IP.
func Frame() Record {
	return Record{Fields: ringtap.Fields{
		Hook: uint8(ringtap.HookReplay), Ifindex: 1, Matched: 1, SampleOneIn: 1, WireLen: 100, CapLen: 100,
	}}
}

// IP is an IP packet of a protocol.
func IP(src, dst netip.Addr, protocol uint8) Record {
	record := Frame()
	fields := &record.Fields
	fields.IPVersion, fields.IPLen, fields.Protocol, fields.TTL = 6, 86, protocol, 64
	if src.Is4() {
		fields.IPVersion = 4
	}
	fields.SrcHi, fields.SrcLo = halves(src)
	fields.DstHi, fields.DstLo = halves(dst)
	return record
}

// TCP is a TCP packet between two sockets such as 10.0.0.1:80 or [fc00::1]:80.
func TCP(src, dst string, flags ringtap.TCPFlags) Record {
	record := between(src, dst, 6)
	record.Fields.TCPFlags = uint16(flags)
	return record.Mark(ringtap.MarkTCPSeq | ringtap.MarkTCPAck | ringtap.MarkTCPFlags | ringtap.MarkTCPWindow)
}

// UDP is a UDP packet between two sockets.
func UDP(src, dst string) Record {
	return between(src, dst, 17)
}

func between(src, dst string, protocol uint8) Record {
	from, to := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	record := IP(from.Addr(), to.Addr(), protocol).Mark(ringtap.MarkPorts)
	record.Fields.SrcPort, record.Fields.DstPort = from.Port(), to.Port()
	return record
}

// Len sets the bytes on the wire.
func (r Record) Len(bytes uint32) Record {
	r.Fields.WireLen, r.Fields.CapLen = bytes, bytes
	return r
}

// At sets Unix time in ns.
func (r Record) At(timeNs uint64) Record {
	r.Fields.TimestampNs = timeNs
	return r
}

// Matched sets the interests that took it: bit i for the i-th.
func (r Record) Matched(interests uint64) Record {
	r.Fields.Matched = interests
	return r
}

// Sampled makes it one of a sample, in which one in so many was kept.
func (r Record) Sampled(oneIn uint32) Record {
	r.Fields.SampleOneIn = oneIn
	return r
}

// Payload sets the first bytes behind its headers, which some interest asked for and was granted.
func (r Record) Payload(bytes []byte) Record {
	r.payload = bytes
	return r
}

// Mark sets bits of [ringtap.Fields].Marks.
func (r Record) Mark(marks uint32) Record {
	r.Fields.Marks |= marks
	return r
}

// VLAN adds a VLAN tag inside those that there are, at most 4.
func (r Record) VLAN(tci uint16) Record {
	all := [4]*uint16{&r.Fields.VLAN0, &r.Fields.VLAN1, &r.Fields.VLAN2, &r.Fields.VLAN3}
	*all[r.Fields.VLANCount] = tci
	r.Fields.VLANCount++
	return r
}

func halves(address netip.Addr) (hi, lo uint64) {
	if address.Is4() {
		bytes := address.As4()
		return 0, uint64(binary.BigEndian.Uint32(bytes[:]))
	}
	bytes := address.As16()
	return binary.BigEndian.Uint64(bytes[:8]), binary.BigEndian.Uint64(bytes[8:])
}

// batch is one as the host would hand it over.
func (h *Host[P]) batch(records []Record) *ringtap.Batch {
	if len(records) < 1 || len(records) > 1024 {
		h.t.Helper()
		h.t.Fatal(fmt.Sprintf("a batch has 1 to 1024 records, not %d", len(records)))
	}
	fields := make([]ringtap.Fields, len(records))
	var payload []byte
	for i, record := range records {
		fields[i] = record.Fields
		if record.payload != nil {
			fields[i].PayloadOffset, fields[i].PayloadLen = uint32(len(payload)), uint16(len(record.payload))
			payload = append(payload, record.payload...)
		}
	}
	head := ringtap.BatchHead{Sequence: h.sequence, RecordSize: ringtap.RecordSize, Count: uint32(len(records))}
	h.sequence += uint64(len(records))
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(fields))), len(fields)*ringtap.RecordSize)
	return ringtap.NewBatch(head, bytes, payload)
}
