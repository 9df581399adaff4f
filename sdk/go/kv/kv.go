// Package kv is a small store of the plugin's own, which outlives its instances and the runtime.
//
// Not granted unless the operator says so (`kv` in the plugin's `grants`): a plugin that calls any of
// this is refused without. Keys are texts of 1 to 256 bytes, values at most 64 KiB, and there are as
// many of both as the operator's limit allows. What a call sets or deletes is kept when it returns; a
// call that panics or overruns leaves the store as it was. In replay it starts empty and is not kept.
package kv

import (
	"strconv"

	"ringtap.dev/plugin/internal/host"
)

// Error says that the store did not take a value: the key, the value or the store is at a bound.
type Error struct {
	// Key is what the value was for.
	Key string
	// Reason is the host's words.
	Reason string
}

func (e *Error) Error() string {
	return "can't store the key " + strconv.Quote(e.Key) + ": " + e.Reason
}

// Get is the value of a key, what this call set included. A host call, as all here: keep the answer.
func Get(key string) (value []byte, ok bool) {
	return host.KVGet(key)
}

// Set gives a key a value. Refused beyond a bound: of the key, the value or the store.
func Set(key string, value []byte) error {
	if refused := host.KVSet(key, value); refused != "" {
		return &Error{key, refused}
	}
	return nil
}

// Delete drops a key and its value. Nothing happens where there is no such key.
func Delete(key string) {
	host.KVDelete(key)
}

// Keys is the keys that start with a prefix, in the order of their bytes. All of them with an empty one.
func Keys(prefix string) []string {
	return host.KVKeys(prefix)
}
