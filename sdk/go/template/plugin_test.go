package main

import (
	"testing"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/ringtaptest"
)

// These run on this machine, with a host that keeps what it is told: go test.

const second = 1_000_000_000

var packet = ringtaptest.UDP("192.0.2.1:5000", "192.0.2.2:53").Len(100)

func TestPacketsAreCountedByProtocol(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	host.Packets(packet, packet, ringtaptest.TCP("192.0.2.1:5000", "192.0.2.2:80", ringtap.TCPSYN).Len(60))
	for _, want := range []struct {
		name, protocol string
		value          float64
	}{
		{"{{ident}}_packets_total", "udp", 2},
		{"{{ident}}_bytes_total", "udp", 200},
		{"{{ident}}_packets_total", "tcp", 1},
	} {
		value, _ := host.Metric(want.name, ringtap.Label{Name: "protocol", Value: want.protocol})
		if value != want.value {
			t.Errorf("%s of %s is %v, not %v", want.name, want.protocol, value, want.value)
		}
	}
}

func TestReportsComeWhenTheConfigSays(t *testing.T) {
	host := ringtaptest.New(t, start, "report_seconds = 2")
	host.Packets(packet)
	host.Tick(10 * second)
	host.Tick(11 * second)
	if events := host.TakeEvents(); len(events) != 0 {
		t.Errorf("there are %d events too early", len(events))
	}
	host.Tick(12 * second)
	events := host.TakeEvents()
	if len(events) != 1 {
		t.Fatalf("there are %d events", len(events))
	}
	if bytes, _ := events[0].Value("bytes"); bytes != ringtap.Uint(100) {
		t.Errorf("bytes is %v", bytes)
	}
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	want := "config key `report_secs` is not known; there are: report_seconds"
	if refusal := ringtaptest.Refusal(t, start, "report_secs = 2"); refusal != want {
		t.Error(refusal)
	}
}

func TestTheNextVersionGoesOnCounting(t *testing.T) {
	host := ringtaptest.New(t, start, "")
	host.Packets(packet)
	if err := host.Reload(1, ""); err != nil {
		t.Fatal(err)
	}
	host.Packets(packet)
	host.Stop(second)
	if packets, _ := host.TakeEvents()[0].Value("packets"); packets != ringtap.Uint(2) {
		t.Errorf("packets is %v", packets)
	}
}

func TestADamagedStateIsRefused(t *testing.T) {
	for _, saved := range []string{"", "7", "\n", "7\nudp 1", "7\nudp 1 2 3", "7\nudp one 2", "7\n\x00"} {
		if _, _, err := restore([]byte(saved)); err == nil {
			t.Errorf("%q is taken", saved)
		}
	}
}
