// Package memory is where the host puts what it hands to a plugin.
package memory

import "unsafe"

const (
	// A whole batch of 1024 records, with some payload.
	firstBlock = 256 << 10
	// What is larger is given back when the call ends.
	largestBlock = 4 << 20
	// Of all types that cross, none needs more.
	maxAlign = 8
)

// Arena gives out memory that stays where it is until it is reset: a block that is used again for
// each call, and blocks beside it where that is too small. Go's collector moves nothing that is not
// on a stack, so the host may write there.
type Arena struct {
	block []byte
	used  int
	// Blocks of their own for what did not fit, and their bytes.
	extra      [][]byte
	extraBytes int
}

// New has its block, so that most calls allocate nothing.
func New() *Arena {
	return &Arena{block: make([]byte, firstBlock)}
}

// Alloc gives memory of so many bytes, aligned to a power of two of at most 8.
func (a *Arena) Alloc(size, align int) unsafe.Pointer {
	start := (a.used + align - 1) &^ (align - 1)
	if size <= len(a.block)-start {
		a.used = start + size
		return at(a.block, start)
	}
	block := make([]byte, size+maxAlign)
	a.extra = append(a.extra, block)
	a.extraBytes += len(block)
	return at(block, 0)
}

// Resize gives memory of another size with what stood in the old one, as far as it fits.
func (a *Arena) Resize(old unsafe.Pointer, oldSize, align, size int) unsafe.Pointer {
	grown := a.Alloc(size, align)
	copy(unsafe.Slice((*byte)(grown), size), unsafe.Slice((*byte)(old), oldSize))
	return grown
}

// Mark is a point in an arena's use.
type Mark struct{ used, extra, extraBytes int }

// Mark says how much is in use.
func (a *Arena) Mark() Mark {
	return Mark{a.used, len(a.extra), a.extraBytes}
}

// Release takes back what was given since the mark.
func (a *Arena) Release(mark Mark) {
	clear(a.extra[mark.extra:])
	a.used, a.extra, a.extraBytes = mark.used, a.extra[:mark.extra], mark.extraBytes
}

// Reset takes all back. A block that was too small grows, so that the next call like this one
// finds room.
func (a *Arena) Reset() {
	if len(a.extra) > 0 {
		if need := a.used + a.extraBytes; need <= largestBlock {
			a.block = make([]byte, max(2*len(a.block), need+need/4))
		}
		a.extra, a.extraBytes = nil, 0
	}
	a.used = 0
}

// at is never nil, for no bytes neither: the host checks alignment and bounds of those too.
func at(block []byte, offset int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(block)), offset)
}
