package memory

import (
	"strings"
	"unsafe"
)

// What an exported function returned: the host looks at it after the call. A result of nothing, or of
// a list; the list itself is kept reachable beside it.
var (
	answer struct {
		failed bool
		list   [2]uint32
	}
	answeredText  string
	answeredBytes []byte
)

// Nothing is a `result<_, string>`.
func Nothing(err error) unsafe.Pointer {
	answer.failed, answer.list = false, [2]uint32{}
	if err != nil {
		answeredText = strings.ToValidUTF8(err.Error(), "\uFFFD")
		answer.failed = true
		answer.list = [2]uint32{AddressOf(answeredText), uint32(len(answeredText))}
	}
	return unsafe.Pointer(&answer)
}

// ListOr is a `result<list<u8>, string>`.
func ListOr(bytes []byte, err error) unsafe.Pointer {
	if err != nil {
		return Nothing(err)
	}
	List(bytes)
	answer.failed = false
	return unsafe.Pointer(&answer)
}

// List is a `list<u8>`.
func List(bytes []byte) unsafe.Pointer {
	answeredBytes = bytes
	answer.list = [2]uint32{Place(bytes), uint32(len(bytes))}
	return unsafe.Pointer(&answer.list)
}
