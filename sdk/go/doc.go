// Package ringtap is for writing ringtap plugins in Go.
//
// A plugin is a type with a method for the role it plays. The package of the role registers it, and
// exports what the host calls:
//
//	package main
//
//	import (
//		ringtap "ringtap.dev/plugin"
//		"ringtap.dev/plugin/aggregate"
//	)
//
//	type fragments struct{ seen *ringtap.Counter }
//
//	func (f *fragments) OnPackets(batch *ringtap.Batch) {
//		for packet := range batch.Packets() {
//			if packet.IsFragment() {
//				f.seen.Inc()
//			}
//		}
//	}
//
//	func start(config string) (*fragments, error) {
//		seen, err := ringtap.NewCounter("fragments_total", "IP fragments seen.")
//		return &fragments{seen}, err
//	}
//
//	func init() {
//		aggregate.Register(ringtap.Plugin[*fragments]{
//			Name: "fragments", Version: "1.0.0", New: start,
//		})
//	}
//
//	func main() {}
//
// It has no ambient authority: what it may do is call the capabilities below, and only those that its
// code reaches end up in the component's import list, which is what the operator reads.
//
//	capability         here                                  import
//	metrics            [Counter], [Gauge], [Histogram],      ringtap:plugin/metrics
//	                   [Family]
//	events             [Event]                               ringtap:plugin/events
//	log                [Log], [ReportPanics]                 ringtap:plugin/log
//	clock              [NowNs]                               ringtap:plugin/clock
//	interfaces         [InterfaceName]                       ringtap:plugin/interfaces
//	random             [Random]                              ringtap:plugin/random
//	kv, if granted     package kv                            ringtap:plugin/kv
//
//	role                                          here                 package
//	takes packets                                 [Aggregate]          aggregate
//	or says which packets others get              [Filter]             filter
//	or takes the events of others                 [Exporter]           exporter
//	hands on what it knows when it is replaced    [State]              state
//	none of these: it only ticks                  [Ticker]             lifecycle
//
// Build it with `ringtap plugin build`, or with `GOOS=wasip1 GOARCH=wasm go build
// -buildmode=c-shared` and the adapter in sdk/go/adapter. Natively the capabilities are a recorder
// (package ringtaptest), so that a plugin's tests run under plain `go test`.
//
// Calls never overlap, and only the goroutine that was called may call the host. Others that it starts
// run while it waits for them, as with a sync.WaitGroup; one that is left over when it returns goes on in
// some later call.
//
// A panic ends the instance. What it says is lost unless the plugin uses the log; see [ReportPanics].
package ringtap
