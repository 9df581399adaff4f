package main

import "strconv"

const (
	typeA    = 1
	typeAAAA = 28
	noError  = 0
)

// As IANA assigns them: types of records that are asked for often.
var types = map[uint16]string{
	1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV",
	43: "DS", 48: "DNSKEY", 64: "SVCB", 65: "HTTPS", 255: "ANY",
}

// Response codes of RFC 1035.
var rcodes = map[uint8]string{
	0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
}

// typeName is a type's name, or as RFC 3597 writes one that has none.
func typeName(kind uint16) string {
	if name, ok := types[kind]; ok {
		return name
	}
	return "TYPE" + strconv.Itoa(int(kind))
}

func rcodeName(rcode uint8) string {
	if name, ok := rcodes[rcode]; ok {
		return name
	}
	return "RCODE" + strconv.Itoa(int(rcode))
}

// typeLabel is one of a fixed set.
func typeLabel(kind uint16) string {
	if name, ok := types[kind]; ok {
		return name
	}
	return "other"
}

// rcodeLabel is one of a fixed set.
func rcodeLabel(rcode uint8) string {
	if name, ok := rcodes[rcode]; ok {
		return name
	}
	return "other"
}
