package toml

import "strings"

type kind uint8

const (
	dot kind = iota
	equals
	comma
	openSquare
	closeSquare
	openCurly
	closeCurly
	whitespace
	comment
	newline
	literal
	basic
	longLiteral
	longBasic
	atom
	eof
)

type token struct {
	kind       kind
	start, end int
}

const (
	longLiteralQuotes = "'''"
	longBasicQuotes   = `"""`
)

var marks = map[byte]kind{
	'.': dot, '=': equals, ',': comma, '[': openSquare, ']': closeSquare, '{': openCurly, '}': closeCurly,
	'\n': newline,
}

// lex never fails: what is wrong with a token shows when it is decoded.
func lex(text string) []token {
	at := 0
	if strings.HasPrefix(text, "\uFEFF") {
		at = len("\uFEFF")
	}
	var tokens []token
	for at < len(text) {
		kind, size := first(text[at:])
		tokens = append(tokens, token{kind, at, at + size})
		at += size
	}
	return append(tokens, token{eof, at, at})
}

func first(text string) (kind, int) {
	if mark, ok := marks[text[0]]; ok {
		return mark, 1
	}
	switch text[0] {
	case ' ', '\t':
		return whitespace, upTo(text, func(b byte) bool { return b != ' ' && b != '\t' })
	case '#':
		return comment, upTo(text, func(b byte) bool { return b == '\r' || b == '\n' })
	case '\r':
		if strings.HasPrefix(text, "\r\n") {
			return newline, 2
		}
		return newline, 1
	case '\'':
		if strings.HasPrefix(text, longLiteralQuotes) {
			return longLiteral, longLiteralSize(text)
		}
		return literal, literalSize(text)
	case '"':
		if strings.HasPrefix(text, longBasicQuotes) {
			return longBasic, longBasicSize(text)
		}
		return basic, basicSize(text)
	}
	return atom, upTo(text, func(b byte) bool { return strings.IndexByte(".=,[]{} \t#\r\n", b) >= 0 })
}

func upTo(text string, ends func(byte) bool) int {
	for i := range len(text) {
		if ends(text[i]) {
			return i
		}
	}
	return len(text)
}

// literalSize goes to the closing quote, or the end of the line.
func literalSize(text string) int {
	end := strings.IndexAny(text[1:], "'\n")
	switch {
	case end < 0:
		return len(text)
	case text[1+end] == '\'':
		return 1 + end + 1
	}
	return 1 + end
}

// basicSize is as literalSize, past quotes that are escaped.
func basicSize(text string) int {
	for at := 1; at < len(text); at++ {
		switch text[at] {
		case '"':
			return at + 1
		case '\n':
			return at
		case '\\':
			at += escaped(text, at)
		}
	}
	return len(text)
}

// escaped is 1 where a backslash or quote stands behind the backslash: it is no end then.
func escaped(text string, at int) int {
	if at+1 < len(text) && (text[at+1] == '\\' || text[at+1] == '"') {
		return 1
	}
	return 0
}

func longLiteralSize(text string) int {
	end := strings.Index(text[3:], longLiteralQuotes)
	if end < 0 {
		return len(text)
	}
	return withQuotes(text, 3+end+3, '\'')
}

func longBasicSize(text string) int {
	for at := 3; at < len(text); at++ {
		if strings.HasPrefix(text[at:], longBasicQuotes) {
			return withQuotes(text, at+3, '"')
		}
		if text[at] == '\\' {
			at += escaped(text, at)
		}
	}
	return len(text)
}

// withQuotes is the end with up to two quotes more, which belong to the text.
func withQuotes(text string, end int, quote byte) int {
	for more := 0; more < 2 && end < len(text) && text[end] == quote; more++ {
		end++
	}
	return end
}
