//go:build !wasip1

package ringtap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	ringtap "ringtap.dev/plugin"
)

func readInteger(text string) (uint64, error) {
	config, err := ringtap.ParseConfig(text)
	if err != nil {
		return 0, err
	}
	n := config.Integer("n", 7, 1, 100)
	return n, config.Finish()
}

func TestAKeyThatIsAbsentHasItsDefault(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 7, "# nothing\n": 7, "n = 1_0": 10, "n = 0x10": 16, "n = +5": 5, "n=0o17 # fifteen": 15,
		"\uFEFFn = 0b11": 3, "'n' = 9\r\n": 9, "\"\\x6e\" = 8": 8,
	} {
		if n, err := readInteger(text); err != nil || n != want {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	}
}

// The words are those of each SDK of ringtap.
func TestARefusalNamesTheKeyAndWhatMayStandThere(t *testing.T) {
	const integer = " won't do, it must be a whole number from 1 to 100"
	for text, want := range map[string]string{
		"n = 0":                       "config key `n`: 0" + integer,
		"n = -1":                      "config key `n`: -1" + integer,
		"n = 1.5":                     "config key `n`: 1.5" + integer,
		"n = \"5\"":                   "config key `n`: \"5\"" + integer,
		"n = \"a\\\"\\n\\u0001é\"":    "config key `n`: \"a\\\"\\n\\u{1}é\"" + integer,
		"n = [5]":                     "config key `n`: an array or table" + integer,
		"n = {a = [1, 2]}":            "config key `n`: an array or table" + integer,
		"n = 99999999999999999999999": "config key `n`: 99999999999999999999999" + integer,
		"n = 1979-05-27 07:32:00":     "config key `n`: 1979-05-27 07:32:00" + integer,
		"n = 0x":                      "config key `n`: " + integer,
		"m = 5":                       "config key `m` is not known; there are: n",
		"n = 5\nm 6\n":                "the config is not TOML, line 2: key with no value",
		"n = 5\nn = 6\n":              "the config is not TOML, line 2: a key stands twice",
		"\n\n[n]\n":                   "the config is not TOML, line 3: there are no tables here",
		"[[n]]\n":                     "the config is not TOML, line 1: there are no tables here",
		"a.n = 1\n":                   "the config is not TOML, line 1: there are no tables here",
		"n = \"5":                     "the config is not TOML, line 1: invalid basic string",
		"n = '5":                      "the config is not TOML, line 1: invalid literal string",
		"n = 12x":                     "the config is not TOML, line 1: string values must be quoted",
		"n = 012":                     "the config is not TOML, line 1: unexpected leading zero",
		"n = five":                    "the config is not TOML, line 1: invalid boolean",
		"n =\n":                       "the config is not TOML, line 1: string values must be quoted",
		"n = 5 6\n":                   "the config is not TOML, line 1: string values must be quoted",
		"n = \"5\" 6\n":               "the config is not TOML, line 1: unexpected key or value",
		"n = 1__0":                    "the config is not TOML, line 1: `_` may only go between digits",
		"= 5":                         "the config is not TOML, line 1: unquoted keys cannot be empty",
		"a b = 5":                     "the config is not TOML, line 1: key with no value",
		"é = 5":                       "the config is not TOML, line 1: invalid unquoted key",
		"n = \"\\q\"":                 "the config is not TOML, line 1: missing escaped value",
		"n = \"\"\"\na\\u12\"\"\"":    "the config is not TOML, line 2: too few unicode value digits",
	} {
		if _, err := readInteger(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v\n   not %s", text, err, want)
		}
	}
}

func TestThereAreNotTooManyKeysAndDepthIsNoDanger(t *testing.T) {
	var many strings.Builder
	for i := range 257 {
		fmt.Fprintf(&many, "k%d = 1\n", i)
	}
	_, err := readInteger(many.String())
	is(t, "many", err.Error(), "the config is not TOML, line 257: there are too many keys")
	_, err = readInteger("n = " + strings.Repeat("[", 100_000) + "5" + strings.Repeat("]", 100_000))
	is(t, "deep", err != nil, true)
}

func TestOtherTypes(t *testing.T) {
	config, err := ringtap.ParseConfig("text = \"a\"\ntruth = true\ntime = 3\nlong = '''\nx\n'''")
	if err != nil {
		t.Fatal(err)
	}
	is(t, "text", config.Text("text", "b"), "a")
	is(t, "long", config.Text("long", "b"), "x\n")
	is(t, "other", config.Text("other", "b"), "b")
	is(t, "truth", config.Truth("truth", false), true)
	is(t, "time", config.Seconds("time", 1, 1, 5), 3*time.Second)
	if err := config.Finish(); err != nil {
		t.Error(err)
	}
	config, _ = ringtap.ParseConfig("text = 1\ntruth = 'x'")
	is(t, "text", config.Text("text", "b"), "b")
	is(t, "truth", config.Truth("truth", true), true)
	is(t, "the first", config.Finish().Error(), "config key `text`: 1 won't do, it must be a text in quotes")
}
