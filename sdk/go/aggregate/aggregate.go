// Package aggregate is for plugins that take packets. A component that imports it exports the role.
package aggregate

import ringtap "ringtap.dev/plugin"

// Register makes this component that plugin. Call it once, in func init: main is not run.
func Register[P ringtap.Aggregate](plugin ringtap.Plugin[P]) {
	ringtap.Register(plugin)
}
