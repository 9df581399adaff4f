module ringtap.dev/plugin

go 1.24
