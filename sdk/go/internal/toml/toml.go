// Package toml reads TOML with one level of keys. What it takes, what it refuses and in which words is
// the same in every SDK of ringtap: that of the Rust crate toml_parser.
package toml

import "strings"

// MaxKeys is how many keys there may be: they are looked for one by one.
const MaxKeys = 256

// Kind is what a value is.
type Kind uint8

// The kinds.
const (
	// Text is a string.
	Text Kind = iota
	// Truth is true or false.
	Truth
	// Integer is digits, with a sign if one stands there, of a radix.
	Integer
	// Other is a float or a time.
	Other
	// Nested is an array or an inline table, which is not looked into.
	Nested
)

// Value is a value as it stands in the config.
type Value struct {
	Kind  Kind
	Text  string
	Radix int
}

// Pair is a key and its value.
type Pair struct {
	Key   string
	Value Value
}

// Error says where a text is no such TOML, and why.
type Error struct {
	// Line is counted from 1.
	Line   int
	Reason string
}

// fault is what is wrong, at a place in the text.
type fault struct {
	at     int
	reason string
}

const noTables = "there are no tables here"

// Parse reads a text. It stops at the first fault.
func Parse(text string) ([]Pair, *Error) {
	p := parser{text: text, tokens: lex(text)}
	for p.tokens[p.next].kind != eof {
		if wrong := p.expression(); wrong != nil {
			line := 1 + strings.Count(text[:wrong.at], "\n")
			return nil, &Error{line, wrong.reason}
		}
	}
	return p.pairs, nil
}

type parser struct {
	text string
	// The last one is eof.
	tokens []token
	next   int
	pairs  []Pair
}

func (p *parser) peek() token {
	return p.tokens[p.next]
}

// take gives the next token, and eof for ever.
func (p *parser) take() token {
	taken := p.tokens[p.next]
	if taken.kind != eof {
		p.next++
	}
	return taken
}

func (p *parser) space() {
	if p.peek().kind == whitespace {
		p.next++
	}
}

func (p *parser) expression() *fault {
	first := p.take()
	switch first.kind {
	case whitespace, newline, comment:
		return nil
	case openSquare:
		return &fault{first.start, noTables}
	case closeSquare:
		return &fault{first.start, "missing table open"}
	case equals, dot:
		return &fault{first.start, emptyKey}
	case comma, openCurly, closeCurly:
		return &fault{first.start, "invalid key-value pair"}
	}
	key, wrong := decodeKey(first.kind, p.text[first.start:first.end])
	if wrong != nil {
		return wrong.from(first.start)
	}
	p.space()
	switch after := p.take(); after.kind {
	case dot:
		return &fault{after.start, noTables}
	case equals:
		return p.value(key)
	default:
		return &fault{after.start, "key with no value"}
	}
}

func (p *parser) value(key string) *fault {
	p.space()
	first := p.take()
	value := Value{Kind: Nested}
	end := first.end
	switch first.kind {
	case equals:
		return &fault{first.start, "extra `=`"}
	case closeCurly:
		return &fault{first.start, "missing inline table opening"}
	case closeSquare:
		return &fault{first.start, "missing array opening"}
	case comment, comma, newline, eof:
		return &fault{first.start, unquoted}
	case openCurly, openSquare:
	case dot, atom:
		end = p.bareEnd(end)
		fallthrough
	default:
		var wrong *fault
		if value, wrong = decodeScalar(first.kind, p.text[first.start:end]); wrong != nil {
			return wrong.from(first.start)
		}
	}
	if wrong := p.insert(key, value, first.start); wrong != nil {
		return wrong
	}
	if first.kind == openCurly || first.kind == openSquare {
		p.skip(first.kind)
	}
	return p.lineEnd()
}

// bareEnd is where a value without quotes ends: with more of the kind behind a space, since a time may
// have one.
func (p *parser) bareEnd(end int) int {
	for {
		next := p.peek()
		if next.kind == whitespace && p.tokens[p.next+1].kind == atom {
			p.next++
			next = p.peek()
		}
		if next.kind != dot && next.kind != atom {
			return end
		}
		p.next++
		end = next.end
	}
}

func (p *parser) insert(key string, value Value, at int) *fault {
	for _, pair := range p.pairs {
		if pair.Key == key {
			return &fault{at, "a key stands twice"}
		}
	}
	if len(p.pairs) == MaxKeys {
		return &fault{at, "there are too many keys"}
	}
	p.pairs = append(p.pairs, Pair{key, value})
	return nil
}

// skip goes behind the end of an array or table, or to the end of the text. It goes into nothing, so
// depth is no danger.
func (p *parser) skip(open kind) {
	closing := closeSquare
	if open == openCurly {
		closing = closeCurly
	}
	depth := 1
	for depth > 0 {
		switch p.take().kind {
		case open:
			depth++
		case closing:
			depth--
		case eof:
			return
		}
	}
}

func (p *parser) lineEnd() *fault {
	p.space()
	switch next := p.peek(); next.kind {
	case comment, newline, eof:
		return nil
	default:
		return &fault{next.start, "unexpected key or value"}
	}
}

func (f *fault) from(start int) *fault {
	return &fault{start + f.at, f.reason}
}
