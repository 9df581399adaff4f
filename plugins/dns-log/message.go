package main

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

const (
	headerSize = 12
	// A name has at most 255 bytes, and so at most 127 labels (RFC 1035, 2.3.4).
	maxName   = 255
	maxLabels = 127
	// Addresses of an answer that are told.
	maxAddresses = 8
)

// message is what we look at of a DNS message (RFC 1035, 4.1).
type message struct {
	id     uint16
	answer bool
	rcode  uint8
	// The question, of which there is one.
	name string
	kind uint16
	// What the header says of the answers, and the addresses of those that are there whole.
	answers   uint16
	addresses []netip.Addr
}

// parse reads a message. It is false for one that is cut within its question, has not just one, is
// no query of the standard kind, or contradicts itself. Answers that are cut are left out.
func parse(payload []byte) (message, bool) {
	if len(payload) < headerSize {
		return message{}, false
	}
	flags := binary.BigEndian.Uint16(payload[2:])
	opcode, questions := flags>>11&0xf, binary.BigEndian.Uint16(payload[4:])
	if opcode != 0 || questions != 1 {
		return message{}, false
	}
	name, at, ok := readName(payload, headerSize)
	if !ok || len(payload)-at < 4 {
		return message{}, false
	}
	m := message{
		id:      binary.BigEndian.Uint16(payload),
		answer:  flags&0x8000 != 0,
		rcode:   uint8(flags & 0xf),
		name:    name,
		kind:    binary.BigEndian.Uint16(payload[at:]),
		answers: binary.BigEndian.Uint16(payload[6:]),
	}
	if m.answer {
		m.addresses = readAddresses(payload, at+4, int(m.answers))
	}
	return m, true
}

// readName reads a name and says what stands behind it. Names can go on at an earlier place: each such
// jump has to go further back than all before, so it ends.
func readName(payload []byte, at int) (name string, behind int, ok bool) {
	var text strings.Builder
	start, bytes := at, 0
	for range maxLabels + 1 {
		if at >= len(payload) {
			return "", 0, false
		}
		size := int(payload[at])
		switch {
		case size == 0:
			if text.Len() == 0 {
				text.WriteByte('.')
			}
			if behind == 0 {
				behind = at + 1
			}
			return text.String(), behind, true
		case size >= 0xc0:
			if at+1 >= len(payload) {
				return "", 0, false
			}
			if behind == 0 {
				behind = at + 2
			}
			at = size&0x3f<<8 | int(payload[at+1])
			if at >= start {
				return "", 0, false
			}
			start = at
			continue
		case size > 63 || at+1+size > len(payload):
			return "", 0, false
		}
		if bytes += 1 + size; bytes >= maxName {
			return "", 0, false
		}
		if text.Len() > 0 {
			text.WriteByte('.')
		}
		writeLabel(&text, payload[at+1:at+1+size])
		at += 1 + size
	}
	return "", 0, false
}

// writeLabel writes a label as in a zone file (RFC 1035, 5.1), in small letters, which mean the same.
func writeLabel(text *strings.Builder, label []byte) {
	for _, b := range label {
		switch {
		case 'A' <= b && b <= 'Z':
			text.WriteByte(b + 'a' - 'A')
		case b == '.' || b == '\\':
			text.WriteByte('\\')
			text.WriteByte(b)
		case b > ' ' && b <= '~':
			text.WriteByte(b)
		default:
			text.WriteByte('\\')
			text.WriteString(strconv.Itoa(1000 + int(b))[1:])
		}
	}
}

// readAddresses reads the addresses among so many records, up to the first that is cut.
func readAddresses(payload []byte, at, records int) []netip.Addr {
	var found []netip.Addr
	for range records {
		_, behind, ok := readName(payload, at)
		// Type, class, time to live and the size of what follows.
		if !ok || len(payload)-behind < 10 {
			break
		}
		kind, size := binary.BigEndian.Uint16(payload[behind:]), int(binary.BigEndian.Uint16(payload[behind+8:]))
		start := behind + 10
		if len(payload)-start < size {
			break
		}
		isAddress := kind == typeA && size == 4 || kind == typeAAAA && size == 16
		if address, ok := netip.AddrFromSlice(payload[start : start+size]); ok && isAddress {
			found = append(found, address)
		}
		if len(found) == maxAddresses {
			break
		}
		at = start + size
	}
	return found
}
