package ringtap

import (
	"strconv"
	"strings"
	"time"

	"ringtap.dev/plugin/internal/toml"
)

// Config is a plugin's config: TOML with one level of keys, read key by key.
//
//	config, err := ringtap.ParseConfig(text)
//	top := config.Integer("top", 20, 1, 1000)
//	err = config.Finish()
//
// A key that can't have its value gives the default, and Finish says what is wrong with the first
// such key. So one look at Finish is enough.
type Config struct {
	pairs []toml.Pair
	known []string
	wrong error
}

// ParseConfig reads the text that [Plugin].New got. Empty is valid; tables are not, nor more than 256
// keys. The config is good also after an error, and has no keys then; [Config.Finish] gives that error
// again.
func ParseConfig(text string) (*Config, error) {
	pairs, wrong := toml.Parse(text)
	if wrong != nil {
		err := &SyntaxError{wrong.Line, wrong.Reason}
		return &Config{wrong: err}, err
	}
	return &Config{pairs: pairs}, nil
}

// SyntaxError says that the config is no TOML.
type SyntaxError struct {
	// Line is counted from 1.
	Line int
	// Reason is what is wrong there.
	Reason string
}

func (e *SyntaxError) Error() string {
	return "the config is not TOML, line " + strconv.Itoa(e.Line) + ": " + e.Reason
}

// KeyError says that a key of the config has a value that it can't have.
type KeyError struct {
	// Key is the key.
	Key string
	// Value is what stands in the config.
	Value string
	// Expected is what may stand there.
	Expected string
}

func (e *KeyError) Error() string {
	return "config key `" + e.Key + "`: " + e.Value + " won't do, it must be " + e.Expected
}

// UnknownKeyError says that the config has a key that the plugin doesn't know.
type UnknownKeyError struct {
	// Key is the key.
	Key string
	// Known is the keys that there are.
	Known []string
}

func (e *UnknownKeyError) Error() string {
	return "config key `" + e.Key + "` is not known; there are: " + strings.Join(e.Known, ", ")
}

// Integer is a whole number from least to most.
func (c *Config) Integer(key string, otherwise, least, most uint64) uint64 {
	value, ok := c.take(key)
	if !ok {
		return otherwise
	}
	if value.Kind == toml.Integer {
		digits := strings.TrimPrefix(value.Text, "+")
		number, err := strconv.ParseUint(digits, value.Radix, 64)
		if err == nil && number >= least && number <= most {
			return number
		}
	}
	c.refuse(key, value, "a whole number from "+strconv.FormatUint(least, 10)+" to "+strconv.FormatUint(most, 10))
	return otherwise
}

// Seconds is a time in seconds, whole ones, from least to most.
func (c *Config) Seconds(key string, otherwise, least, most uint64) time.Duration {
	return time.Duration(c.Integer(key, otherwise, least, most)) * time.Second
}

// Truth is true or false.
func (c *Config) Truth(key string, otherwise bool) bool {
	value, ok := c.take(key)
	if !ok {
		return otherwise
	}
	if value.Kind == toml.Truth {
		return value.Text == "true"
	}
	c.refuse(key, value, "true or false")
	return otherwise
}

// Text is a text.
func (c *Config) Text(key, otherwise string) string {
	value, ok := c.take(key)
	if !ok {
		return otherwise
	}
	if value.Kind == toml.Text {
		return value.Text
	}
	c.refuse(key, value, "a text in quotes")
	return otherwise
}

// Finish gives what is wrong first, or refuses the keys that nothing asked for: they are misspelt.
func (c *Config) Finish() error {
	if c.wrong == nil && len(c.pairs) > 0 {
		return &UnknownKeyError{c.pairs[0].Key, c.known}
	}
	return c.wrong
}

func (c *Config) take(key string) (toml.Value, bool) {
	c.known = append(c.known, key)
	for i, pair := range c.pairs {
		if pair.Key == key {
			c.pairs = append(c.pairs[:i], c.pairs[i+1:]...)
			return pair.Value, true
		}
	}
	return toml.Value{}, false
}

func (c *Config) refuse(key string, value toml.Value, expected string) {
	if c.wrong == nil {
		c.wrong = &KeyError{key, shown(value), expected}
	}
}

func shown(value toml.Value) string {
	switch value.Kind {
	case toml.Text:
		return quoted(value.Text)
	case toml.Nested:
		return "an array or table"
	}
	return value.Text
}

// quoted is a text in quotes, with what can't be seen in it escaped as in each SDK's messages.
func quoted(text string) string {
	out := []byte{'"'}
	for _, letter := range text {
		switch {
		case letter == '"' || letter == '\\':
			out = append(out, '\\', byte(letter))
		case letter == '\t':
			out = append(out, `\t`...)
		case letter == '\r':
			out = append(out, `\r`...)
		case letter == '\n':
			out = append(out, `\n`...)
		case letter == 0:
			out = append(out, `\0`...)
		case strconv.IsPrint(letter):
			out = append(out, string(letter)...)
		default:
			out = append(out, `\u{`+strconv.FormatInt(int64(letter), 16)+`}`...)
		}
	}
	return string(append(out, '"'))
}
