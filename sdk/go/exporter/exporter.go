// Package exporter is for plugins that take the events of others. A component that imports it exports
// the role.
package exporter

import ringtap "ringtap.dev/plugin"

// Register makes this component that plugin. Call it once, in func init: main is not run.
func Register[P ringtap.Exporter](plugin ringtap.Plugin[P]) {
	ringtap.Register(plugin)
}
