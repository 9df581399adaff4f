package main

import (
	"encoding/binary"
	"net/netip"

	ringtap "ringtap.dev/plugin"
)

// Bytes of a destination in a saved state: version, address, bytes, packets.
const entrySize = 1 + 16 + 8 + 8

// known is destinations in the order in which they came.
type known struct {
	list   []destination
	places map[netip.Addr]int
}

type destination struct {
	dst            netip.Addr
	bytes, packets uint64
	// nil until it is used first.
	counter *ringtap.Counter
}

// find is the entry of a destination, a new one where there is room; nil where there is none.
func (k *known) find(dst netip.Addr, limit int) *destination {
	place, ok := k.places[dst]
	if !ok {
		if len(k.list) >= limit {
			return nil
		}
		place = len(k.list)
		k.add(destination{dst: dst})
	}
	return &k.list[place]
}

func (k *known) add(entry destination) {
	if k.places == nil {
		k.places = map[netip.Addr]int{}
	}
	k.places[entry.dst] = len(k.list)
	k.list = append(k.list, entry)
}

// shareOfFirst is the first destination's part of all bytes.
func (k *known) shareOfFirst() float64 {
	all := uint64(0)
	for i := range k.list {
		all += k.list[i].bytes
	}
	if all == 0 {
		return 0
	}
	return float64(k.list[0].bytes) / float64(all)
}

func (k *known) save(records uint64) []byte {
	saved := make([]byte, 0, 12+len(k.list)*entrySize)
	saved = binary.LittleEndian.AppendUint64(saved, records)
	saved = binary.LittleEndian.AppendUint32(saved, uint32(len(k.list)))
	for i := range k.list {
		entry := &k.list[i]
		if entry.dst.Is4() {
			address := entry.dst.As4()
			saved = append(append(saved, 4), make([]byte, 12)...)
			saved = append(saved, address[:]...)
		} else {
			address := entry.dst.As16()
			saved = append(append(saved, 6), address[:]...)
		}
		saved = binary.LittleEndian.AppendUint64(saved, entry.bytes)
		saved = binary.LittleEndian.AppendUint64(saved, entry.packets)
	}
	return saved
}

// restore gives the count of records and the first limit destinations; false if the bytes are damaged.
func restore(saved []byte, limit int) (uint64, known, bool) {
	if len(saved) < 12 {
		return 0, known{}, false
	}
	records, count := binary.LittleEndian.Uint64(saved), binary.LittleEndian.Uint32(saved[8:])
	rest := saved[12:]
	if uint64(len(rest)) != uint64(count)*entrySize {
		return 0, known{}, false
	}
	var all known
	for ; len(rest) > 0; rest = rest[entrySize:] {
		dst, ok := address(rest)
		if _, twice := all.places[dst]; !ok || twice {
			return 0, known{}, false
		}
		all.add(destination{
			dst:     dst,
			bytes:   binary.LittleEndian.Uint64(rest[17:]),
			packets: binary.LittleEndian.Uint64(rest[25:]),
		})
	}
	for len(all.list) > limit {
		last := len(all.list) - 1
		delete(all.places, all.list[last].dst)
		all.list = all.list[:last]
	}
	return records, all, true
}

func address(entry []byte) (netip.Addr, bool) {
	bytes := [16]byte(entry[1:17])
	switch entry[0] {
	case 4:
		return netip.AddrFrom4([4]byte(bytes[12:])), [12]byte(bytes[:12]) == [12]byte{}
	case 6:
		return netip.AddrFrom16(bytes), true
	}
	return netip.Addr{}, false
}
