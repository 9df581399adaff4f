"""Values as they stand in a config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Integer:
    """Digits, decimal or of another radix, with a sign if one stands there."""

    digits: str
    radix: int


@dataclass(frozen=True)
class Other:
    """A float or a date."""

    text: str


class Nested:
    """An array or an inline table."""


Value: TypeAlias = str | bool | Integer | Other | Nested


class RefusedError(Exception):
    """What is wrong with the text, and where. Becomes a `ConfigError` with a line."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at
