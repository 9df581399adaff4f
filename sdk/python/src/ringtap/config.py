"""A plugin's config."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from .errors import ConfigError
from .quoted import quoted
from .toml import Integer, Nested, Other, Value, parse

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_DIGITS = {
    2: re.compile(r"\+?[01]+"),
    8: re.compile(r"\+?[0-7]+"),
    10: re.compile(r"\+?[0-9]+"),
    16: re.compile(r"\+?[0-9a-fA-F]+"),
}

_U64_DIGITS = 64
"""No whole number of 64 bits has more digits in any radix, leading zeros aside."""


class Config:
    """A plugin's config: TOML with one level of keys, read key by key.

    config = Config(text)
    top = config.integer("top", 20, 1, 1000)
    config.finish()
    """

    def __init__(self, source: str) -> None:
        """Read the text that the plugin got.

        Empty is valid; tables are not, nor more than 256 keys: `ConfigError`, as for all that is refused
        here. Not `tomllib`, so that messages are those of plugins in other languages.
        """
        self._keys = parse(source)
        self._known: list[str] = []

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        """Read a whole number in a range, both ends in it."""

        def number(value: Value) -> int | None:
            found = _whole_number(value) if isinstance(value, Integer) else None
            return found if found is not None and low <= found <= high else None

        return self._read(key, default, f"a whole number from {low} to {high}", number)

    def seconds(self, key: str, default: int, low: int, high: int) -> timedelta:
        """Read a time in seconds, whole ones, in a range."""
        return timedelta(seconds=self.integer(key, default, low, high))

    def truth(self, key: str, default: bool) -> bool:
        """Read `true` or `false`."""

        def truth(value: Value) -> bool | None:
            return value if isinstance(value, bool) else None

        return self._read(key, default, "true or false", truth)

    def text(self, key: str, default: str) -> str:
        """Read a text."""

        def text(value: Value) -> str | None:
            return value if isinstance(value, str) else None

        return self._read(key, default, "a text in quotes", text)

    def finish(self) -> None:
        """Refuse the keys that nothing asked for: they are misspelt."""
        for key in self._keys:
            known = ", ".join(self._known)
            raise ConfigError(f"config key `{key}` is not known; there are: {known}")

    def _read(self, key: str, default: T, expected: str, read: Callable[[Value], T | None]) -> T:
        self._known.append(key)
        if key not in self._keys:
            return default
        value = self._keys.pop(key)
        good = read(value)
        if good is None:
            raise ConfigError(
                f"config key `{key}`: {_shown(value)} won't do, it must be {expected}"
            )
        return good


def _whole_number(value: Integer) -> int | None:
    if _DIGITS[value.radix].fullmatch(value.digits) is None:
        return None
    digits = value.digits.lstrip("+").lstrip("0") or "0"
    return int(digits, value.radix) if len(digits) <= _U64_DIGITS else None


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Integer):
        return value.digits
    if isinstance(value, Other):
        return value.text
    assert isinstance(value, Nested)
    return "an array or table"
