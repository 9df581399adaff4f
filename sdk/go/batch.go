package ringtap

import (
	"iter"
	"strconv"
	"unsafe"
)

// BatchHead is what stands beside the records of a batch; see types.batch.
type BatchHead struct {
	Sequence, ShedBefore uint64
	ClockOffsetNs        int64
	RecordSize, Count    uint32
}

// Batch is packets that the host handed over together. It is good for the call that it came with.
type Batch struct {
	head    BatchHead
	records []byte
	payload []byte
}

// NewBatch is for packages that call plugins. It panics when records are shorter than [Fields], which
// those of no host that takes the plugin are.
func NewBatch(head BatchHead, records, payload []byte) *Batch {
	if head.RecordSize < RecordSize {
		panic("ringtap: the host's records have " + strconv.Itoa(int(head.RecordSize)) + " bytes, not " + strconv.Itoa(RecordSize))
	}
	// Whatever the head says, no record ends beyond the bytes.
	head.Count = min(head.Count, uint32(len(records))/head.RecordSize)
	return &Batch{head, records, payload}
}

// Packets gives the packets, in the order in which a tap saw them. Nothing is copied or allocated.
func (b *Batch) Packets() iter.Seq[Packet] {
	return func(yield func(Packet) bool) {
		for i := range int(b.head.Count) {
			if !yield(b.at(i)) {
				return
			}
		}
	}
}

// Packet gives one of them, from 0. It panics beyond the last.
func (b *Batch) Packet(index int) Packet {
	if uint(index) >= uint(b.head.Count) {
		panic("ringtap: there is no packet " + strconv.Itoa(index) + " in a batch of " + strconv.Itoa(b.Len()))
	}
	return b.at(index)
}

// A newer host appends fields: its stride counts, and what lies beyond ours is skipped. NewBatch saw
// that all of it lies in the bytes, which the host aligns.
func (b *Batch) at(index int) Packet {
	record := unsafe.Add(unsafe.Pointer(unsafe.SliceData(b.records)), index*int(b.head.RecordSize))
	return Packet{(*Fields)(record), b}
}

// Len is how many packets there are, 1 to 1024.
func (b *Batch) Len() int {
	return int(b.head.Count)
}

// Sequence is the number of the first record among all that were meant for this plugin, from 0.
func (b *Batch) Sequence() uint64 {
	return b.head.Sequence
}

// ShedBefore is how many records were lost between the batch before and this one, because the plugin
// was too slow.
func (b *Batch) ShedBefore() uint64 {
	return b.head.ShedBefore
}

// Kept says which packets of a batch go on: a bit for each.
type Kept struct{ bits []byte }

// KeptOf asks about each packet in order. The answer is good until the next one is made.
func KeptOf(batch *Batch, keep func(Packet) bool) Kept {
	size := (batch.Len() + 7) / 8
	if cap(keptBits) < size {
		keptBits = make([]byte, size)
	}
	keptBits = keptBits[:size]
	clear(keptBits)
	for i := range batch.Len() {
		if keep(batch.at(i)) {
			keptBits[i/8] |= 1 << (i % 8)
		}
	}
	return Kept{keptBits}
}

// The bits that the host looks at when the call has returned, so they have to stay.
var keptBits []byte

// Keep is for packages that call plugins: what a filter says of a batch.
func Keep(filter Filter, batch *Batch) Kept {
	if whole, ok := filter.(BatchFilter); ok {
		return whole.KeepBatch(batch)
	}
	return KeptOf(batch, filter.Keep)
}

// Bits is as the host takes them: packet i is bit i%8 of byte i/8.
func (k Kept) Bits() []byte {
	return k.bits
}
