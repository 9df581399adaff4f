package toml

import "strings"

const (
	unquoted    = "string values must be quoted"
	leadingZero = "unexpected leading zero"
)

func decodeScalar(kind kind, raw string) (Value, *fault) {
	if kind != dot && kind != atom {
		text, wrong := decodeString(kind, raw)
		return Value{Kind: Text, Text: text}, wrong
	}
	value, reason := decodeBare(raw)
	if reason != "" {
		return Value{}, &fault{0, reason}
	}
	return value, nil
}

// decodeBare reads what stands without quotes: a number, a time, a truth, or a mistake.
func decodeBare(raw string) (Value, string) {
	if !isDigit(raw[0]) && strings.Contains(raw, " ") {
		return invalid(raw)
	}
	switch raw[0] {
	case '+', '-':
		return decodeSigned(raw)
	case '_':
		return decodeNumber(raw, raw)
	case '.':
		return decodeFloat(raw, raw)
	case 't', 'T':
		return decodeSymbol(raw, "true", Truth, "invalid boolean")
	case 'f', 'F':
		return decodeSymbol(raw, "false", Truth, "invalid boolean")
	case 'i', 'I':
		return decodeSymbol(raw, "inf", Other, "invalid float")
	case 'n', 'N':
		return decodeSymbol(raw, "nan", Other, "invalid float")
	case '0':
		return decodeZero(raw, raw, false)
	}
	if isDigit(raw[0]) {
		return decodeNumber(raw, raw)
	}
	return invalid(raw)
}

func invalid(raw string) (Value, string) {
	if strings.HasSuffix(raw, "'") || strings.HasSuffix(raw, `"`) {
		return Value{}, "missing opening quote"
	}
	return Value{}, unquoted
}

func decodeSymbol(raw, symbol string, kind Kind, wrong string) (Value, string) {
	if raw != symbol {
		return Value{}, wrong
	}
	return Value{Kind: kind, Text: symbol}, ""
}

func decodeSigned(raw string) (Value, string) {
	value := raw[1:]
	if value == "" {
		return invalid(raw)
	}
	switch value[0] {
	case '+', '-':
		return Value{}, "redundant numeric sign"
	case '.':
		return decodeFloat(raw, raw)
	case 'i', 'I':
		return decodeSignedSymbol(raw, value, "inf")
	case 'n', 'N':
		return decodeSignedSymbol(raw, value, "nan")
	case '0':
		return decodeZero(value, raw, true)
	}
	if isDigit(value[0]) || value[0] == '_' {
		return decodeNumber(value, raw)
	}
	return invalid(raw)
}

func decodeSignedSymbol(raw, value, symbol string) (Value, string) {
	if value != symbol {
		return Value{}, "invalid float"
	}
	return Value{Kind: Other, Text: raw}, ""
}

// decodeZero reads what starts with 0; raw has its sign too.
func decodeZero(value, raw string, signed bool) (Value, string) {
	if len(value) == 1 {
		return decodeInteger(raw, 10)
	}
	lower := value[1] | 0x20
	radix, name := 0, ""
	switch lower {
	case 'x':
		radix, name = 16, "invalid hexadecimal number"
	case 'o':
		radix, name = 8, "invalid octal number"
	case 'b':
		radix, name = 2, "invalid binary number"
	case 'd':
		radix = 10
	default:
		return decodeNumber(value, raw)
	}
	switch {
	case strings.Contains(value, " "):
		return invalid(raw)
	case signed:
		return Value{}, "integers with a radix cannot be signed"
	case radix == 10:
		return Value{}, "redundant integer number prefix"
	case value[1] != lower:
		return Value{}, "radix must be lowercase"
	}
	digits := value[2:]
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		return Value{}, "unexpected sign"
	}
	for i := range len(digits) {
		if digit := digitOf(digits[i]); digits[i] != '_' && digit >= radix {
			return Value{}, name
		}
	}
	return decodeInteger(digits, radix)
}

func digitOf(b byte) int {
	switch {
	case isDigit(b):
		return int(b - '0')
	case isHex(b):
		return int(b|0x20-'a') + 10
	}
	return 16
}

// decodeNumber reads what starts with a digit other than a single 0; raw has its sign too.
func decodeNumber(value, raw string) (Value, string) {
	digits := upTo(value, func(b byte) bool { return !isDigit(b) })
	rest := value[digits:]
	switch {
	case rest == "" || strings.HasPrefix(rest, "_") && !strings.ContainsAny(rest, " .eE"):
		if value[0] == '0' {
			return Value{}, leadingZero
		}
		return decodeInteger(raw, 10)
	case rest[0] == '-' || rest[0] == ':':
		return Value{Kind: Other, Text: raw}, ""
	case strings.Contains(rest, " "):
		return invalid(raw)
	case strings.ContainsAny(rest, ".eE"):
		return decodeFloat(value, raw)
	}
	return invalid(raw)
}

func decodeInteger(digits string, radix int) (Value, string) {
	text, reason := withoutUnderscores(digits, isHex)
	return Value{Kind: Integer, Text: text, Radix: radix}, reason
}

func decodeFloat(value, raw string) (Value, string) {
	if reason := checkFloat(value); reason != "" {
		return Value{}, reason
	}
	text, reason := withoutUnderscores(raw, isDigit)
	return Value{Kind: Other, Text: text}, reason
}

func checkFloat(value string) string {
	rest, digits := skipDigits(value)
	switch {
	case digits == 0:
		return "invalid mantissa"
	case digits > 1 && value[0] == '0':
		return leadingZero
	}
	if strings.HasPrefix(rest, ".") {
		if rest, digits = skipDigits(rest[1:]); digits == 0 {
			return "invalid fraction"
		}
	}
	if rest != "" && rest[0]|0x20 == 'e' {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		if rest, digits = skipDigits(rest); digits == 0 {
			return "invalid exponent"
		}
	}
	if rest != "" {
		return "invalid float"
	}
	return ""
}

// skipDigits goes over digits and underscores, and counts the digits.
func skipDigits(text string) (rest string, digits int) {
	end := upTo(text, func(b byte) bool { return !isDigit(b) && b != '_' })
	return text[end:], end - strings.Count(text[:end], "_")
}

func withoutUnderscores(text string, digit func(byte) bool) (string, string) {
	for i := range len(text) {
		if text[i] != '_' {
			continue
		}
		// Of several in a row, the first is wrong because of the second.
		left := i > 0 && (text[i-1] == '_' || digit(text[i-1]))
		right := i+1 < len(text) && digit(text[i+1])
		if !left || !right {
			return "", "`_` may only go between digits"
		}
	}
	return strings.ReplaceAll(text, "_", ""), ""
}

func isDigit(b byte) bool {
	return '0' <= b && b <= '9'
}

func isHex(b byte) bool {
	return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'f'
}
