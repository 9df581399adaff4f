"""A text in quotes, as messages show it."""

from __future__ import annotations

import unicodedata

_ESCAPES = {"\0": "\\0", "\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def quoted(text: str) -> str:
    """Quote, with escapes for characters that have no shape of their own, as the Rust SDK does."""
    return f'"{"".join(_shown(character) for character in text)}"'


def _shown(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    combines = unicodedata.category(character) in ("Mn", "Me")
    if character.isprintable() and not combines:
        return character
    return f"\\u{{{ord(character):x}}}"
