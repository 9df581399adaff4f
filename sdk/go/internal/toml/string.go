package toml

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	emptyKey       = "unquoted keys cannot be empty"
	bareReturn     = "carriage return must be followed by newline"
	invalidLong    = "invalid multi-line basic string"
	missingEscaped = "missing escaped value"
)

func decodeKey(kind kind, raw string) (string, *fault) {
	switch kind {
	case longLiteral:
		return "", &fault{0, "keys cannot be multi-line literal strings"}
	case longBasic:
		return "", &fault{0, "keys cannot be multi-line basic strings"}
	case literal, basic:
		return decodeString(kind, raw)
	}
	for i := range len(raw) {
		b := raw[i] | 0x20
		if !('a' <= b && b <= 'z' && raw[i] >= 'A') && !isDigit(raw[i]) && raw[i] != '-' && raw[i] != '_' {
			return "", &fault{i, "invalid unquoted key"}
		}
	}
	return raw, nil
}

func decodeString(kind kind, raw string) (string, *fault) {
	switch kind {
	case literal:
		return decodeLiteral(raw)
	case longLiteral:
		return decodeLongLiteral(raw)
	case longBasic:
		return decodeEscaped(raw, longBasicQuotes, invalidLong, true)
	}
	return decodeEscaped(raw, `"`, "invalid basic string", false)
}

// inner takes the quotes off, and says where what is inside starts in raw.
func inner(raw, quotes, reason string) (string, int, *fault) {
	text, start := raw[len(quotes):], len(quotes)
	if len(quotes) == 3 {
		stripped := strings.TrimPrefix(text, "\n")
		if len(stripped) == len(text) {
			stripped = strings.TrimPrefix(text, "\r\n")
		}
		start += len(text) - len(stripped)
		text = stripped
	}
	text, closed := strings.CutSuffix(text, quotes)
	if !closed {
		return "", 0, &fault{len(raw), reason}
	}
	return text, start, nil
}

func decodeLiteral(raw string) (string, *fault) {
	const reason = "invalid literal string"
	text, start, wrong := inner(raw, "'", reason)
	if wrong != nil {
		return "", wrong
	}
	for i := range len(text) {
		if text[i] == '\'' || !isVisible(text[i]) {
			return "", &fault{start + i, reason}
		}
	}
	return text, nil
}

func decodeLongLiteral(raw string) (string, *fault) {
	const reason = "invalid multi-line literal string"
	text, start, wrong := inner(raw, longLiteralQuotes, reason)
	if wrong != nil {
		return "", wrong
	}
	for i := range len(text) {
		switch {
		case text[i] == '\n' || isVisible(text[i]):
		case text[i] != '\r':
			return "", &fault{start + i, reason}
		case !strings.HasPrefix(text[i+1:], "\n"):
			return "", &fault{start + i + 1, bareReturn}
		}
	}
	return text, nil
}

// decodeEscaped reads a basic string, of several lines or of one.
func decodeEscaped(raw, quotes, reason string, long bool) (string, *fault) {
	text, start, wrong := inner(raw, quotes, reason)
	if wrong != nil {
		return "", wrong
	}
	var out strings.Builder
	for at := 0; at < len(text); {
		switch b := text[at]; {
		case b == '\\' && long && at+1 < len(text) && strings.IndexByte(" \t\r\n", text[at+1]) >= 0:
			end, wrong := skipLineEnd(text, at+1)
			if wrong != nil {
				return "", wrong.from(start)
			}
			at = end
		case b == '\\':
			letter, size, wrong := decodeEscape(text[at+1:])
			if wrong != nil {
				return "", wrong.from(start + at + 1)
			}
			out.WriteRune(letter)
			at += 1 + size
		case long && b == '\r':
			if !strings.HasPrefix(text[at+1:], "\n") {
				return "", &fault{start + at + 1, bareReturn}
			}
			out.WriteString("\r\n")
			at += 2
		case isVisible(b) && (long || b != '"') || long && b == '\n':
			out.WriteByte(b)
			at++
		default:
			return "", &fault{start + at, reason}
		}
	}
	return out.String(), nil
}

// skipLineEnd goes from behind a backslash to what stands next on a later line.
func skipLineEnd(text string, at int) (int, *fault) {
	at += upTo(text[at:], func(b byte) bool { return b != ' ' && b != '\t' })
	if !strings.HasPrefix(text[at:], "\n") && !strings.HasPrefix(text[at:], "\r") {
		return 0, &fault{at, invalidLong}
	}
	for at < len(text) && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
		if text[at] == '\r' && !strings.HasPrefix(text[at+1:], "\n") {
			return 0, &fault{at + 1, bareReturn}
		}
		at++
	}
	return at, nil
}

func decodeEscape(text string) (rune, int, *fault) {
	if text == "" {
		return 0, 0, &fault{0, missingEscaped}
	}
	switch text[0] {
	case 'b':
		return '\b', 1, nil
	case 'e':
		return '\x1b', 1, nil
	case 'f':
		return '\f', 1, nil
	case 'n':
		return '\n', 1, nil
	case 'r':
		return '\r', 1, nil
	case 't':
		return '\t', 1, nil
	case '\\', '"':
		return rune(text[0]), 1, nil
	case 'x':
		return decodeHex(text, 2)
	case 'u':
		return decodeHex(text, 4)
	case 'U':
		return decodeHex(text, 8)
	}
	return 0, 0, &fault{0, missingEscaped}
}

func decodeHex(text string, size int) (rune, int, *fault) {
	digits := upTo(text[1:], func(b byte) bool { return !isHex(b) })
	if digits < size {
		return 0, 0, &fault{1 + digits, "too few unicode value digits"}
	}
	number, err := strconv.ParseUint(text[1:1+size], 16, 32)
	if err != nil || number > utf8.MaxRune || !utf8.ValidRune(rune(number)) {
		return 0, 0, &fault{1, "invalid value"}
	}
	return rune(number), 1 + size, nil
}

// isVisible is true for what may stand in a string on one line.
func isVisible(b byte) bool {
	return b == '\t' || b >= ' ' && b != 0x7f
}
