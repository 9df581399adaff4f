module example.com/dns-log

go 1.24

require ringtap.dev/plugin v0.0.0

replace ringtap.dev/plugin => ../../sdk/go
