"""What values without quotes are.

They are on one line, so where they start is as good as any place in them to say what is wrong.
"""

from __future__ import annotations

import re
from typing import NoReturn

from .value import Integer, Other, RefusedError, Value

_DIGITS = "0123456789"
_HEX_DIGITS = "0123456789abcdefABCDEF"

_RADICES = {
    "x": (16, re.compile(r"[0-9a-fA-F_]*"), "invalid hexadecimal number"),
    "o": (8, re.compile(r"[0-7_]*"), "invalid octal number"),
    "b": (2, re.compile(r"[01_]*"), "invalid binary number"),
}

_WORDS = {
    "t": ("true", "invalid boolean"),
    "f": ("false", "invalid boolean"),
    "i": ("inf", "invalid float"),
    "n": ("nan", "invalid float"),
}

_FLOAT = re.compile(
    r"(?P<mantissa>[0-9_]*)(?:\.(?P<fraction>[0-9_]*))?(?:[eE][+-]?(?P<exponent>[0-9_]*))?"
)


def scalar(raw: str, at: int) -> Value:
    """Give the value that stands there."""
    first = raw[:1]
    if first == "" or (first not in _DIGITS and " " in raw):
        _refuse_word(raw, at)
    if first in "+-":
        return _signed(raw, at)
    if first == "0" and len(raw) > 1:
        return _after_zero(raw, raw, at)
    if first == ".":
        return _float(raw, raw, at)
    if first in _DIGITS or first == "_":
        return _date_or_number(raw, raw, at)
    return _word(raw, raw, at)


def _refuse_word(raw: str, at: int) -> NoReturn:
    is_open = raw.endswith(("'", '"'))
    raise RefusedError(at, "missing opening quote" if is_open else "string values must be quoted")


def _signed(raw: str, at: int) -> Value:
    value = raw[1:]
    first = value[:1]
    if first in ("+", "-"):
        raise RefusedError(at, "redundant numeric sign")
    if first == "0" and len(value) > 1:
        return _after_zero(value, raw, at)
    if first == ".":
        # The sign is no digit of a mantissa.
        return _float(raw, raw, at)
    if first == "_" or (first != "" and first in _DIGITS):
        return _date_or_number(value, raw, at)
    if first in ("i", "I", "n", "N"):
        return _word(value, raw, at)
    _refuse_word(raw, at)


def _word(value: str, raw: str, at: int) -> Value:
    known = _WORDS.get(value[0].lower())
    if known is None:
        _refuse_word(raw, at)
    text, reason = known
    if value != text:
        raise RefusedError(at, reason)
    return text == "true" if reason == "invalid boolean" else Other(raw)


def _after_zero(value: str, raw: str, at: int) -> Value:
    """Give what a 0 and something else is."""
    letter = value[1].lower()
    if letter not in _RADICES and letter != "d":
        return _date_or_number(value, raw, at)
    if " " in value:
        _refuse_word(raw, at)
    if value != raw:
        raise RefusedError(at, "integers with a radix cannot be signed")
    if letter == "d":
        raise RefusedError(at, "redundant integer number prefix")
    if value[1] != letter:
        raise RefusedError(at, "radix must be lowercase")
    radix, allowed, reason = _RADICES[letter]
    digits = value[2:]
    if digits.startswith(("+", "-")):
        raise RefusedError(at, "unexpected sign")
    if allowed.fullmatch(digits) is None:
        raise RefusedError(at, reason)
    return Integer(_joined(digits, _HEX_DIGITS, at), radix)


def _date_or_number(value: str, raw: str, at: int) -> Value:
    rest = value.lstrip(_DIGITS)
    if rest.startswith(("-", ":")):
        return Other(raw)
    if " " in rest:
        _refuse_word(raw, at)
    if any(character in rest for character in ".eE"):
        return _float(value, raw, at)
    if rest != "" and not rest.startswith("_"):
        _refuse_word(raw, at)
    if value.startswith("0") and value != "0":
        raise RefusedError(at, "unexpected leading zero")
    return Integer(_joined(raw, _HEX_DIGITS, at), 10)


def _float(value: str, raw: str, at: int) -> Value:
    found = _FLOAT.match(value)
    assert found is not None
    for part, text in found.groupdict().items():
        if text is not None and text.strip("_") == "":
            raise RefusedError(at, f"invalid {part}")
        if part == "mantissa" and text.startswith("0") and len(text.replace("_", "")) > 1:
            raise RefusedError(at, "unexpected leading zero")
    if found.end() != len(value):
        raise RefusedError(at, "invalid float")
    return Other(_joined(raw, _DIGITS, at))


def _joined(value: str, digits: str, at: int) -> str:
    """Give a number without the underscores between its digits."""
    for index, character in enumerate(value):
        if character == "_":
            before, after = value[max(index - 1, 0) : index], value[index + 1 : index + 2]
            if not before or before not in digits + "_" or not after or after not in digits:
                raise RefusedError(at, "`_` may only go between digits")
    return value.replace("_", "")
