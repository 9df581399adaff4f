// Package lifecycle is for plugins without a role to work in: those that only tick.
package lifecycle

import ringtap "ringtap.dev/plugin"

// Register makes this component that plugin. Call it once, in func init: main is not run.
func Register[P any](plugin ringtap.Plugin[P]) {
	ringtap.Register(plugin)
}
