package main

import (
	"slices"
	"testing"

	"ringtap.dev/plugin/ringtaptest"
)

func TestBothPortsHaveToBeOdd(t *testing.T) {
	host := ringtaptest.New(t, func(string) (odd, error) { return odd{}, nil }, "")
	kept := host.Keep(
		ringtaptest.UDP("192.0.2.1:50000", "192.0.2.2:60000"),
		ringtaptest.UDP("192.0.2.1:50000", "192.0.2.2:53"),
		ringtaptest.Frame())
	if !slices.Equal(kept, []bool{true, false, false}) {
		t.Error(kept)
	}
}
