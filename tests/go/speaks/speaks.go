// Says things in all the ways that a program has, and then panics.
package main

import (
	"fmt"
	"os"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/aggregate"
)

type speaks struct{}

func start(string) (*speaks, error) {
	ringtap.ReportPanics()
	fmt.Println("to standard output")
	fmt.Fprint(os.Stderr, "half a line, ")
	fmt.Fprintln(os.Stderr, "and its end")
	fmt.Fprintln(os.Stderr, "no ASCII: \xff")
	return &speaks{}, nil
}

func (s *speaks) OnPackets(batch *ringtap.Batch) {
	var none map[string]int
	none[fmt.Sprint(batch.Len())]++
}

func init() {
	aggregate.Register(ringtap.Plugin[*speaks]{Name: "speaks", Version: "1.0.0", New: start})
}

func main() {}
