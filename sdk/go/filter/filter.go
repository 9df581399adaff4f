// Package filter is for plugins that say which packets go on to others. A component that imports it
// exports the role.
package filter

import ringtap "ringtap.dev/plugin"

// Register makes this component that plugin. Call it once, in func init: main is not run.
func Register[P ringtap.Filter](plugin ringtap.Plugin[P]) {
	ringtap.Register(plugin)
}
