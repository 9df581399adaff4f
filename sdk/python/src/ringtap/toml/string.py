"""What strings in quotes say."""

from __future__ import annotations

import re
from typing import NoReturn

from .value import RefusedError

_KINDS = {
    "'''": "invalid multi-line literal string",
    '"""': "invalid multi-line basic string",
    "'": "invalid literal string",
    '"': "invalid basic string",
}

_ESCAPES = {
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "\\": "\\",
    '"': '"',
}

_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}

_HEX = re.compile(r"[0-9a-fA-F]*")


def is_long(raw: str) -> bool:
    """Whether the string has three quotes."""
    return raw.startswith(("'''", '"""'))


def string_value(raw: str, at: int) -> str:
    """Give what a string says: with its quotes, from where it starts."""
    quote = next(quote for quote in _KINDS if raw.startswith(quote))
    if len(raw) < 2 * len(quote) or not raw.endswith(quote):
        raise RefusedError(at + len(raw), _KINDS[quote])
    reader = _Reader(raw.removesuffix(quote), at, quote)
    return reader.basic() if '"' in quote else reader.literal()


class _Reader:
    def __init__(self, raw: str, at: int, quote: str) -> None:
        self._raw = raw
        self._at = at
        self._quote = quote
        self._is_long = len(quote) == 3
        self._index = len(quote)
        if self._is_long:
            newlines = ("\n", "\r\n")
            self._index += next((len(end) for end in newlines if raw.startswith(end, 3)), 0)

    def literal(self) -> str:
        start = self._index
        while self._index < len(self._raw):
            self._check()
            self._index += 1
        return self._raw[start:]

    def basic(self) -> str:
        value = []
        while self._index < len(self._raw):
            if self._next() == "\\":
                self._index += 1
                value.append(self._escape())
            else:
                self._check()
                value.append(self._next())
                self._index += 1
        return "".join(value)

    def _next(self) -> str:
        return self._raw[self._index : self._index + 1]

    def _check(self) -> None:
        """Refuse a character that has no place in a string."""
        character = self._next()
        if self._is_long and character in ("\n", self._quote[0]):
            return
        if self._is_long and character == "\r":
            self._newline()
        elif character != "\t" and (character < " " or character in ("\x7f", self._quote[0])):
            self._refuse(_KINDS[self._quote])

    def _newline(self) -> None:
        """Refuse a carriage return, which stands here, without a line feed."""
        if not self._raw.startswith("\n", self._index + 1):
            self._index += 1
            self._refuse("carriage return must be followed by newline")

    def _escape(self) -> str:
        """Give what stands behind a backslash."""
        character = self._next()
        if self._is_long and character in (" ", "\t", "\r", "\n"):
            return self._joined_line()
        known = _ESCAPES.get(character)
        digits = _HEX_DIGITS.get(character)
        if known is None and digits is None:
            self._refuse("missing escaped value")
        self._index += 1
        return self._hex(digits or 0) if known is None else known

    def _hex(self, digits: int) -> str:
        found = _HEX.match(self._raw, self._index, self._index + digits)
        text = "" if found is None else found.group()
        if len(text) != digits:
            self._index += len(text)
            self._refuse("too few unicode value digits")
        number = int(text, 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            self._refuse("invalid value")
        self._index += digits
        return chr(number)

    def _joined_line(self) -> str:
        """Leave out a line's end and all space up to the next character."""
        while self._next() in (" ", "\t"):
            self._index += 1
        if self._next() not in ("\r", "\n"):
            self._refuse(_KINDS[self._quote])
        while self._next() in (" ", "\t", "\r", "\n"):
            if self._next() == "\r":
                self._newline()
            self._index += 1
        return ""

    def _refuse(self, reason: str) -> NoReturn:
        raise RefusedError(self._at + self._index, reason)
