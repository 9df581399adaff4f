//go:build !wasip1

package ringtap_test

import (
	"fmt"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/kv"
)

// isAttempt says whether somebody asks for a connection to a service of ours.
func isAttempt(packet ringtap.Packet) bool {
	flags, ok := packet.TCPFlags()
	if !ok || !flags.Contains(ringtap.TCPSYN) || flags.Contains(ringtap.TCPACK) {
		return false
	}
	port, ok := packet.DstPort()
	return ok && port < 1024
}

type report struct {
	flows   *ringtap.Gauge
	packets *ringtap.Family[*ringtap.Counter]
}

func newReport() (*report, error) {
	flows, err := ringtap.NewGauge("my_flows", "Flows that are open.")
	packets := ringtap.NewCounterFamily("my_packets_total", "Packets.", "protocol", "direction")
	return &report{flows, packets}, err
}

func (r *report) count(protocol, direction string, open int) error {
	packets, err := r.packets.With(protocol, direction)
	if err != nil {
		return err
	}
	packets.Inc()
	r.flows.Set(float64(open))
	return nil
}

// isNew says whether this host is new to us, for the first time ever.
func isNew(host string) (bool, error) {
	key := "host/" + host
	if _, known := kv.Get(key); known {
		return false, nil
	}
	return true, kv.Set(key, nil)
}

func Example_store() {
	fmt.Println(isNew("192.0.2.1"))
	fmt.Println(isNew("192.0.2.1"))
	fmt.Println(kv.Keys("host/"))
	// Output:
	// true <nil>
	// false <nil>
	// [host/192.0.2.1]
}

func limit(text string) (uint64, error) {
	config, err := ringtap.ParseConfig(text)
	if err != nil {
		return 0, err
	}
	limit := config.Integer("limit", 100, 1, 1000)
	return limit, config.Finish()
}

func ExampleConfig() {
	fmt.Println(limit(""))
	_, err := limit("limit = 5000")
	fmt.Println(err)
	// Output:
	// 100 <nil>
	// config key `limit`: 5000 won't do, it must be a whole number from 1 to 1000
}

func ExampleFamily() {
	report, err := newReport()
	if err == nil {
		err = report.count("tcp", "ingress", 3)
	}
	fmt.Println(err, report.packets.Len())
	// Output: <nil> 1
}
