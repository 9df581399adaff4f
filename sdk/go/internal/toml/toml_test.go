package toml

import (
	"strings"
	"testing"
)

// FuzzParse looks for texts that a reader of configs trips over. What it says of them is tested with
// Config.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"n = 5\nt = \"a\\u0041\"\n", "n = [1, {a = 2}]", "t = '''\na'b''''", "t = \"\"\"a\\\n  b\"\"\"",
		"\uFEFFn = 0x_1", "n = -.5e", "a.b = 1", "= 1", "n = 1979-05-27 07:32:00 # time\r\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pairs, wrong := Parse(text)
		if wrong != nil && (wrong.Line < 1 || wrong.Line > 1+strings.Count(text, "\n") || wrong.Reason == "") {
			t.Errorf("%+v", wrong)
		}
		if wrong == nil && len(pairs) > MaxKeys {
			t.Errorf("%d keys", len(pairs))
		}
	})
}
