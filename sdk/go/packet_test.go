//go:build !wasip1

package ringtap_test

import (
	"net/netip"
	"slices"
	"testing"
	"unsafe"

	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/ringtaptest"
)

// see gives a record in a batch of a host whose records are 8 bytes longer.
func see(record ringtaptest.Record) ringtap.Packet {
	type longer struct {
		fields ringtap.Fields
		more   uint64
	}
	records := []longer{{ringtaptest.Frame().Fields, 1<<64 - 1}, {record.Fields, 1<<64 - 1}}
	size := unsafe.Sizeof(longer{})
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&records[0])), 2*int(size))
	head := ringtap.BatchHead{ClockOffsetNs: 1000, RecordSize: uint32(size), Count: 2}
	packets := slices.Collect(ringtap.NewBatch(head, bytes, []byte("payload")).Packets())
	return packets[1]
}

func is[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func has[T comparable](t *testing.T, what string, value func() (T, bool), want T) {
	t.Helper()
	got, ok := value()
	if !ok || got != want {
		t.Errorf("%s: got %v (%v), want %v", what, got, ok, want)
	}
}

func lacks[T comparable](t *testing.T, what string, value func() (T, bool)) {
	t.Helper()
	if got, ok := value(); ok {
		t.Errorf("%s: got %v, want nothing", what, got)
	}
}

func TestWhatAPacketDoesNotHave(t *testing.T) {
	p := see(ringtaptest.Frame())
	lacks(t, "src", p.Src)
	lacks(t, "dst", p.Dst)
	lacks(t, "protocol", p.Protocol)
	lacks(t, "src port", p.SrcPort)
	lacks(t, "dst port", p.DstPort)
	lacks(t, "flags", p.TCPFlags)
	lacks(t, "eth src", p.EthSrc)
	lacks(t, "eth type", p.EthType)
	lacks(t, "direction", p.Direction)
	lacks(t, "ttl", p.TTL)
	lacks(t, "ip id", p.IPID)
	lacks(t, "icmp type", p.ICMPType)
	lacks(t, "arp", p.ARP)
	lacks(t, "gso", p.GSO)
	is(t, "payload", len(p.Payload()), 0)
	is(t, "tags", len(slices.Collect(p.VLANTags())), 0)
	is(t, "hook", p.Hook().String(), "replay")
	is(t, "packets", p.Packets(), 1)
	is(t, "wire bytes", p.WireBytes(), 100)
}

func TestAnAddressNeedsAWholeHeader(t *testing.T) {
	record := ringtaptest.UDP("10.0.0.1:1", "10.0.0.2:2")
	record.Fields.IPLen = 0
	p := see(record)
	lacks(t, "src", p.Src)
	has(t, "version", p.IPVersion, 4)
}

func TestATCPPacket(t *testing.T) {
	flags := ringtap.TCPSYN | ringtap.TCPACK
	p := see(ringtaptest.TCP("[fc00::1]:80", "[fc00::2]:1234", flags).At(5))
	has(t, "src", p.Src, netip.MustParseAddr("fc00::1"))
	has(t, "dst", p.Dst, netip.MustParseAddr("fc00::2"))
	has(t, "src port", p.SrcPort, 80)
	has(t, "dst port", p.DstPort, 1234)
	has(t, "protocol", p.Protocol, 6)
	has(t, "flags", p.TCPFlags, flags)
	has(t, "flow label", p.FlowLabel, 0)
	lacks(t, "ip id", p.IPID)
	is(t, "time", p.TimeNs(), 1005)
	is(t, "contains", flags.Contains(ringtap.TCPSYN) && !flags.Contains(ringtap.TCPSYN|ringtap.TCPFIN), true)
	is(t, "intersects", flags.Intersects(ringtap.TCPSYN|ringtap.TCPFIN) && !flags.Intersects(ringtap.TCPFIN), true)
}

func TestAMappedAddressIsShownAsOne(t *testing.T) {
	src, _ := see(ringtaptest.UDP("[::ffff:1.2.3.4]:1", "[2001:db8:0:0:1:0:0:1]:2")).Src()
	is(t, "mapped", src.String(), "::ffff:1.2.3.4")
	dst, _ := see(ringtaptest.UDP("[::1]:1", "[2001:db8:0:0:1:0:0:1]:2")).Dst()
	is(t, "RFC 5952", dst.String(), "2001:db8::1:0:0:1")
}

func TestTimeNeitherWrapsNorGoesBelowNothing(t *testing.T) {
	at := func(timestamp uint64, offset int64) uint64 {
		fields := ringtaptest.Frame().At(timestamp).Fields
		bytes := unsafe.Slice((*byte)(unsafe.Pointer(&fields)), ringtap.RecordSize)
		head := ringtap.BatchHead{ClockOffsetNs: offset, RecordSize: ringtap.RecordSize, Count: 1}
		return ringtap.NewBatch(head, bytes, nil).Packet(0).TimeNs()
	}
	is(t, "forward", at(1<<64-2, 5), 1<<64-1)
	is(t, "back", at(3, -5), 0)
	is(t, "between", at(7, -5), 2)
}

func TestVLANTagsAreTakenApart(t *testing.T) {
	record := ringtaptest.Frame().VLAN(0xb00a).VLAN(20).Mark(ringtap.MarkServiceTag)
	tags := slices.Collect(see(record).VLANTags())
	want := []ringtap.VLANTag{{ID: 10, Priority: 5, DropEligible: true, Service: true}, {ID: 20}}
	if !slices.Equal(tags, want) {
		t.Errorf("%+v", tags)
	}
	record.Fields.VLANCount = 9
	is(t, "at most 4", len(slices.Collect(see(record).VLANTags())), 4)
}

func TestASuperPacketCountsAsItsSegments(t *testing.T) {
	record := ringtaptest.UDP("10.0.0.1:1", "10.0.0.2:2").Len(3042).Mark(ringtap.MarkGSO)
	record.Fields.GSOSize, record.Fields.GSOSegments, record.Fields.L7Offset = 1000, 3, 42
	is(t, "packets", see(record).Packets(), 3)
	is(t, "bytes", see(record).WireBytes(), 3042+84)
	tagged := record.Mark(ringtap.MarkVLANInMetadata)
	is(t, "tagged", see(tagged).WireBytes(), 3042+92)
	tagged.Fields.L7Offset, tagged.Fields.GSOSegments, tagged.Fields.WireLen = 0xffff, 0xffff, 0xffffffff
	is(t, "widest", see(tagged).WireBytes(), 0xffffffff+0xfffe*0x10003)
	is(t, "no end", see(tagged.Sampled(0xffffffff)).WireBytes(), 1<<64-1)
	record.Fields.GSOSegments = 0
	is(t, "none", see(record).Packets(), 1)
	sampled := ringtaptest.Frame().Sampled(1000)
	is(t, "sampled", see(sampled).Packets(), 1000)
	is(t, "sampled bytes", see(sampled).WireBytes(), 100_000)
	is(t, "not 0", see(sampled.Sampled(0)).SampleOneIn(), 1)
}

func TestLinkLayerAddresses(t *testing.T) {
	record := ringtaptest.Frame().Mark(ringtap.MarkEthSrc | ringtap.MarkARP)
	record.Fields.EthSrcHi, record.Fields.EthSrcLo = 0x02000003, 0x0405
	record.Fields.ICMPType, record.Fields.SrcLo = 1, 0x0a000001
	mac, _ := see(record).EthSrc()
	is(t, "mac", mac.String(), "02:00:00:03:04:05")
	want := ringtap.ARP{Operation: 1, Sender: netip.MustParseAddr("10.0.0.1"), Target: netip.MustParseAddr("0.0.0.0")}
	has(t, "arp", see(record).ARP, want)
	lacks(t, "src", see(record).Src)
}

func TestPayloadOutsideTheBatchIsEmpty(t *testing.T) {
	at := func(offset uint32, size uint16) string {
		record := ringtaptest.Frame()
		record.Fields.PayloadOffset, record.Fields.PayloadLen = offset, size
		return string(see(record).Payload())
	}
	is(t, "inside", at(1, 3), "ayl")
	is(t, "over the end", at(5, 3), "")
	is(t, "behind the end", at(100, 1), "")
	is(t, "far behind", at(0xffffffff, 0xffff), "")
}

func TestInterestsAreToldByTheirBits(t *testing.T) {
	p := see(ringtaptest.Frame().Matched(1<<63 | 1<<1))
	var matching []int
	for i := -1; i < 200; i++ {
		if p.Matches(i) {
			matching = append(matching, i)
		}
	}
	if !slices.Equal(matching, []int{1, 63}) {
		t.Error(matching)
	}
}

func TestRecordsThatAreTooShortOrTooFew(t *testing.T) {
	head := ringtap.BatchHead{RecordSize: ringtap.RecordSize, Count: 5}
	is(t, "no record is half there", ringtap.NewBatch(head, make([]byte, 2*ringtap.RecordSize+1), nil).Len(), 2)
	panics(t, "ringtap: the host's records have 8 bytes, not 152", func() {
		ringtap.NewBatch(ringtap.BatchHead{RecordSize: 8, Count: 1}, make([]byte, 8), nil)
	})
}

func TestNothingIsAllocatedForAPacket(t *testing.T) {
	fields := make([]ringtap.Fields, 1024)
	for i := range fields {
		fields[i] = ringtaptest.UDP("[fc00::1]:1", "10.0.0.2:2").Fields
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&fields[0])), len(fields)*ringtap.RecordSize)
	head := ringtap.BatchHead{RecordSize: ringtap.RecordSize, Count: uint32(len(fields))}
	batch, all := ringtap.NewBatch(head, bytes, nil), uint64(0)
	allocations := testing.AllocsPerRun(10, func() {
		for packet := range batch.Packets() {
			if src, ok := packet.Src(); ok && src.Is6() {
				all += packet.WireBytes()
			}
		}
	})
	is(t, "allocations", allocations, 0)
	is(t, "bytes", all, 11*1024*100)
}

func panics(t *testing.T, want string, work func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("it panics with %v, not with %q", got, want)
		}
	}()
	work()
}

func TestAnAttemptIsASYNToALowPort(t *testing.T) {
	tcp := func(port string, flags ringtap.TCPFlags) bool {
		return isAttempt(see(ringtaptest.TCP("192.0.2.1:5000", "192.0.2.2:"+port, flags)))
	}
	is(t, "SYN", tcp("80", ringtap.TCPSYN), true)
	is(t, "SYN and ACK", tcp("80", ringtap.TCPSYN|ringtap.TCPACK), false)
	is(t, "a high port", tcp("8080", ringtap.TCPSYN), false)
	is(t, "no TCP", isAttempt(see(ringtaptest.UDP("192.0.2.1:5000", "192.0.2.2:53"))), false)
}
