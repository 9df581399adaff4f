"""Where things end in TOML. `start` is where they start; the answer is behind their end."""

from __future__ import annotations

import re

_SPACE = re.compile(r"[ \t]*")
_WORD = re.compile(r"[^.=,\[\]{} \t#\r\n]*")
_COMMENT = re.compile(r"[^\r\n]*")
_STRINGS = {
    '"""': re.compile(r'"""(?:\\["\\]|(?!""").)*(?:"""(?:""|")?)?', re.DOTALL),
    "'''": re.compile(r"'''(?:(?!''').)*(?:'''(?:''|')?)?", re.DOTALL),
    '"': re.compile(r'"(?:\\["\\]|[^"\n])*"?'),
    "'": re.compile(r"'[^'\n]*'?"),
}


def space_end(source: str, start: int) -> int:
    """Give the end of spaces and tabs."""
    return _end(_SPACE, source, start)


def word_end(source: str, start: int) -> int:
    """Give the end of a bare word.

    That is all up to what has a meaning, quotes left out, since one may have been forgotten.
    """
    return _end(_WORD, source, start)


def comment_end(source: str, start: int) -> int:
    """Give the end of a comment."""
    return _end(_COMMENT, source, start)


def string_end(source: str, start: int) -> int:
    """Give the end of a string in quotes. One that is not closed ends with its line, or the text."""
    quote = next(quote for quote in _STRINGS if source.startswith(quote, start))
    return _end(_STRINGS[quote], source, start)


def _end(pattern: re.Pattern[str], source: str, start: int) -> int:
    found = pattern.match(source, start)
    return start if found is None else found.end()
