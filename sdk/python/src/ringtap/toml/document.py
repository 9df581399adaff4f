"""A document: keys and their values."""

from __future__ import annotations

from typing import NoReturn

from ..errors import ConfigError
from .scalar import scalar
from .string import is_long, string_value
from .token import comment_end, space_end, string_end, word_end
from .value import Nested, RefusedError, Value

MAX_KEYS = 256
"""As many as a config may have."""

_KEY_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

_NO_KEYS = {
    "[": "there are no tables here",
    "]": "missing table open",
    ",": "invalid key-value pair",
    "{": "invalid key-value pair",
    "}": "invalid key-value pair",
}


def parse(source: str) -> dict[str, Value]:
    """Read TOML without tables. `ConfigError`, with the line, where it is something else."""
    try:
        return _Document(source).read()
    except RefusedError as refused:
        line = source.count("\n", 0, refused.at) + 1
        raise ConfigError(f"the config is not TOML, line {line}: {refused}") from None


class _Document:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 1 if source.startswith("\ufeff") else 0
        self._keys: dict[str, Value] = {}

    def read(self) -> dict[str, Value]:
        while self._at < len(self._source):
            self._expression()
        return self._keys

    def _next(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self, end: int) -> str:
        start, self._at = self._at, end
        return self._source[start:end]

    def _skip_space(self) -> None:
        self._at = space_end(self._source, self._at)

    def _expression(self) -> None:
        character = self._next()
        if character in _NO_KEYS:
            self._refuse(_NO_KEYS[character])
        if character in (" ", "\t", "\r", "\n"):
            self._at += 1
        elif character == "#":
            self._at = comment_end(self._source, self._at)
        else:
            self._key_and_value()

    def _key_and_value(self) -> None:
        key = self._key()
        self._skip_space()
        if self._next() == ".":
            self._refuse("there are no tables here")
        if self._next() != "=":
            self._refuse("key with no value")
        self._at += 1
        self._skip_space()
        if self._next() == "=":
            self._refuse("extra `=`")
        at = self._at
        value = self._value()
        if key in self._keys:
            raise RefusedError(at, "a key stands twice")
        if len(self._keys) == MAX_KEYS:
            raise RefusedError(at, "there are too many keys")
        self._keys[key] = value
        if isinstance(value, Nested):
            self._skip_nested()
        self._end_of_line()

    def _key(self) -> str:
        at = self._at
        if self._next() in ("'", '"'):
            raw = self._take(string_end(self._source, at))
            if is_long(raw):
                kind = "literal" if raw.startswith("'") else "basic"
                raise RefusedError(at, f"keys cannot be multi-line {kind} strings")
            return string_value(raw, at)
        raw = self._take(word_end(self._source, at))
        if raw == "":
            raise RefusedError(at, "unquoted keys cannot be empty")
        if not _KEY_CHARACTERS.issuperset(raw):
            raise RefusedError(at, "invalid unquoted key")
        return raw

    def _value(self) -> Value:
        at, character = self._at, self._next()
        if character == "]":
            self._refuse("missing array opening")
        if character == "}":
            self._refuse("missing inline table opening")
        if character in ("[", "{"):
            return Nested()
        if character in ("'", '"'):
            return string_value(self._take(string_end(self._source, at)), at)
        return scalar(self._take(self._scalar_end()), at)

    def _scalar_end(self) -> int:
        """Give the end of a value without quotes.

        It has dots, and spaces where a word follows, as a date may.
        """
        end = self._at
        while True:
            space = space_end(self._source, end)
            if self._source.startswith(".", end):
                end += 1
            elif self._is_word(space):
                end = word_end(self._source, space)
            else:
                return end

    def _is_word(self, at: int) -> bool:
        """Whether a bare word starts there. It may have a quote inside, but not in front."""
        starts_quoted = self._source.startswith(("'", '"'), at)
        return not starts_quoted and word_end(self._source, at) > at

    def _skip_nested(self) -> None:
        """Skip an array or an inline table, which no key takes: only where it ends matters."""
        closing = "]" if self._next() == "[" else "}"
        depth = {"[": 0, "{": 0}
        outer = "[" if closing == "]" else "{"
        self._at += 1
        while self._at < len(self._source):
            character = self._next()
            self._at = self._token_end()
            if character == closing and depth[outer] == 0:
                return
            if character in depth:
                depth[character] += 1
            elif character in ("]", "}"):
                opening = "[" if character == "]" else "{"
                depth[opening] = max(depth[opening] - 1, 0)

    def _token_end(self) -> int:
        if self._next() == "#":
            return comment_end(self._source, self._at)
        if self._next() in ("'", '"'):
            return string_end(self._source, self._at)
        return max(word_end(self._source, self._at), self._at + 1)

    def _end_of_line(self) -> None:
        self._skip_space()
        if self._next() == "#":
            self._at = comment_end(self._source, self._at)
        if self._next() not in ("", "\r", "\n"):
            self._refuse("unexpected key or value")

    def _refuse(self, reason: str) -> NoReturn:
        raise RefusedError(self._at, reason)
