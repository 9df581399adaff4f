//go:build !wasip1

package ringtaptest

import (
	ringtap "ringtap.dev/plugin"
	"ringtap.dev/plugin/internal/call"
	"ringtap.dev/plugin/internal/host"
)

// Restart ends without a word, as by kill -9, and starts on a host that has only the plugin's store
// left.
func (h *Host[P]) Restart(config string) error {
	store := host.Current.Store
	host.Current = host.NewRecorder()
	host.Current.Store = store
	plugin, err := begin(h.new, config)
	if err == nil {
		h.plugin, h.sequence = plugin, 0
	}
	return err
}

// Save calls Save of a [ringtap.State], whose effects on the host are undone.
func (h *Host[P]) Save() ([]byte, error) {
	h.t.Helper()
	before := host.Current.Clone()
	saved, err := role[ringtap.State](h).Save()
	undo(before)
	return saved, err
}

// Restore calls Restore of a [ringtap.State] that was just started.
func (h *Host[P]) Restore(schema uint32, saved []byte) error {
	h.t.Helper()
	err := role[ringtap.State](h).Restore(schema, saved)
	call.End()
	return err
}

// Reload replaces the instance as the host does: it is saved, and another one starts with that config
// and restores, from the form of that number. After an error the old one is still there, and the host
// as it was. Logged lines stay.
func (h *Host[P]) Reload(schema uint32, config string) error {
	h.t.Helper()
	saved, err := h.Save()
	if err != nil {
		return err
	}
	before, old := host.Current.Clone(), h.plugin
	next, err := begin(h.new, config)
	if err == nil {
		h.plugin = next
		err = h.Restore(schema, saved)
	}
	if err != nil {
		undo(before)
		h.plugin = old
	}
	return err
}

// undo makes the host what it was, after a call whose effects don't count.
func undo(before *host.Recorder) {
	call.End()
	before.Lines = host.Current.Lines
	host.Current = before
}
