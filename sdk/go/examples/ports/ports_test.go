package main

import (
	"testing"

	"ringtap.dev/plugin/ringtaptest"
)

func TestAReloadForgetsNoPort(t *testing.T) {
	host := ringtaptest.New(t, func(string) (ports, error) { return ports{}, nil }, "")
	host.Packets(ringtaptest.UDP("192.0.2.1:5000", "192.0.2.2:53"), ringtaptest.Frame())
	if err := host.Reload(1, ""); err != nil {
		t.Fatal(err)
	}
	if known := host.Plugin(); len(known) != 1 || !known[53] {
		t.Error(known)
	}
	if err := host.Restore(1, []byte{1, 2, 3}); err == nil {
		t.Error("half a port is taken")
	}
}
