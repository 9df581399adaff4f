package main

import (
	"errors"
	"strconv"
	"strings"
)

// save writes the state in form 1: a line with the time of the last report, and one for each protocol
// with its name, packets and bytes.
func save(reportedNs uint64, all totals) []byte {
	saved := append(strconv.AppendUint(nil, reportedNs, 10), '\n')
	for _, name := range all.names() {
		saved = append(append(saved, name...), ' ')
		saved = append(strconv.AppendUint(saved, all[name].packets, 10), ' ')
		saved = append(strconv.AppendUint(saved, all[name].bytes, 10), '\n')
	}
	return saved
}

// restore reads it. It may be from other sources than these, or damaged: take nothing on trust.
func restore(saved []byte) (reportedNs uint64, all totals, err error) {
	damaged := errors.New("the saved state is damaged")
	first, rest, found := strings.Cut(string(saved), "\n")
	if reportedNs, err = strconv.ParseUint(first, 10, 64); err != nil || !found {
		return 0, nil, damaged
	}
	all = totals{}
	for line := range strings.Lines(rest) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(words) != 3 {
			return 0, nil, damaged
		}
		packets, err := strconv.ParseUint(words[1], 10, 64)
		bytes, err2 := strconv.ParseUint(words[2], 10, 64)
		if err != nil || err2 != nil {
			return 0, nil, damaged
		}
		all.add(words[0], total{packets, bytes})
	}
	return reportedNs, all, nil
}
