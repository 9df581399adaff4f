package memory

import (
	"bytes"
	"testing"
	"unsafe"
)

func TestWhatIsGivenIsAlignedAndApart(t *testing.T) {
	arena := New()
	first := arena.Alloc(3, 1)
	second := arena.Alloc(8, 8)
	third := arena.Alloc(0, 4)
	if uintptr(second)%8 != 0 || uintptr(third)%4 != 0 {
		t.Fatalf("%p and %p are not aligned", second, third)
	}
	if distance := uintptr(second) - uintptr(first); distance != 8 {
		t.Fatalf("the second is %d bytes behind the first", distance)
	}
}

func TestMemoryIsUsedAgain(t *testing.T) {
	arena := New()
	first := arena.Alloc(100, 8)
	mark := arena.Mark()
	second := arena.Alloc(100, 8)
	arena.Release(mark)
	if again := arena.Alloc(100, 8); again != second {
		t.Fatal("what was released is not used again")
	}
	arena.Reset()
	if again := arena.Alloc(100, 8); again != first {
		t.Fatal("what was reset is not used again")
	}
}

func TestABlockGrowsToWhatCallsNeed(t *testing.T) {
	arena := New()
	arena.Alloc(firstBlock+1, 1)
	if len(arena.extra) != 1 {
		t.Fatal("it can't have fitted")
	}
	arena.Reset()
	arena.Alloc(firstBlock+1, 1)
	if len(arena.extra) != 0 {
		t.Fatal("the block has not grown")
	}
	arena.Reset()
	arena.Alloc(largestBlock+1, 1)
	arena.Reset()
	if len(arena.block) > largestBlock || len(arena.extra) != 0 {
		t.Fatal("what is very large has to go")
	}
}

func TestResizeKeepsWhatStoodThere(t *testing.T) {
	arena := New()
	old := arena.Alloc(3, 1)
	copy(unsafe.Slice((*byte)(old), 3), "abc")
	grown := arena.Resize(old, 3, 1, 5)
	if found := unsafe.Slice((*byte)(grown), 3); !bytes.Equal(found, []byte("abc")) {
		t.Fatalf("%q", found)
	}
	shrunk := arena.Resize(grown, 5, 1, 2)
	if found := unsafe.Slice((*byte)(shrunk), 2); !bytes.Equal(found, []byte("ab")) {
		t.Fatalf("%q", found)
	}
}

func TestNothingIsAllocatedForACallLikeTheLast(t *testing.T) {
	arena := New()
	allocations := testing.AllocsPerRun(100, func() {
		arena.Alloc(1024*152, 1)
		arena.Alloc(64<<10, 1)
		arena.Reset()
	})
	if allocations != 0 {
		t.Fatalf("%v allocations", allocations)
	}
}
