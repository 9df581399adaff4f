// Package state is for plugins that hand on what they know when they are replaced. A component that
// imports it exports the role, beside any other.
package state

import ringtap "ringtap.dev/plugin"

type role[P ringtap.State] struct{ writes, readsFrom uint32 }

func (r role[P]) Forms() (writes, readsFrom uint32) {
	return r.writes, r.readsFrom
}

func (r role[P]) Of(P) {}

// Of is the state of a plugin of type P, for [ringtap.Plugin].State: the form that its Save writes and
// the oldest form that its Restore takes, from which it takes all up to the one that it writes. A
// replacement that does not take the form of its predecessor is refused, and that one runs on.
//
// It panics unless a plugin reads the form that it writes.
func Of[P ringtap.State](writes, readsFrom uint32) ringtap.StateRole[P] {
	if readsFrom > writes {
		panic("ringtap: a plugin reads the form of its state that it writes")
	}
	return role[P]{writes, readsFrom}
}
