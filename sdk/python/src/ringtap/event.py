"""Named rows with typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, TypeAlias

from .address import MacAddress, address_text
from .call import at_end
from .errors import HostError
from .host import IS_COMPONENT, load, refusal, types

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_events = load("events")

_ROWS_AT_ONCE = 64
"""Rows that are handed over together, at most: what waits for the end of a call stays small."""

_INT_END = 1 << 63
_UINT_END = 1 << 64


class UInt(int):
    """A whole number that is not negative, of 64 bits: the type that counts are to have in events.

    A plain `int` has a sign there, so it ends at 2^63.
    """

    __slots__ = ()


Value: TypeAlias = str | int | UInt | float | bool | bytes
"""What a field can hold. A `bool` is true or false, an `int` has a sign, a `UInt` has none."""

# In `Event`, these names are those of methods.
_Int: TypeAlias = int
_Float: TypeAlias = float
_Bytes: TypeAlias = bytes

_FieldValue: TypeAlias = Value | IPv4Address | IPv6Address | None


class Event:
    """A named row with typed fields, for the sinks that take events.

    Event("handshake", now, {"server": address, "round_trip_us": UInt(412)}).emit()
    """

    __slots__ = ("_fields", "kind", "time_ns")

    def __init__(
        self,
        kind: str,
        time_ns: int,
        fields: Mapping[str, _FieldValue] | None = None,
    ) -> None:
        """Make a row.

        `kind` is what it is about, such as `flow`: 1 to 64 characters of `a-z 0-9 _ . -`. `time_ns` is
        Unix time. Names of fields are 1 to 64 characters of `a-z A-Z 0-9 _`, none twice; `kind`,
        `time_ns` and `plugin` are the host's. Addresses are written as text, and a field that is `None`
        is left out. `ValueError` for a number that has no 64 bits.
        """
        self.kind = kind
        self.time_ns = time_ns
        self._fields = _checked_all((fields or {}).items())

    @classmethod
    def from_pairs(
        cls, kind: str, time_ns: int, fields: Iterable[tuple[str, _FieldValue]]
    ) -> Event:
        """Make a row of names and values."""
        event = cls(kind, time_ns)
        event._fields = _checked_all(fields)
        return event

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return self._typed() == other._typed()

    __hash__ = None  # type: ignore[assignment]

    def _typed(self) -> tuple[str, int, list[tuple[str, type, Value]]]:
        fields = [(name, type(value), value) for name, value in self._fields]
        return self.kind, self.time_ns, fields

    def __repr__(self) -> str:
        return f"Event({self.kind!r}, {self.time_ns}, {dict(self._fields)!r})"

    @property
    def fields(self) -> Sequence[tuple[str, Value]]:
        """Names and values, in order."""
        return self._fields

    def value(self, name: str) -> Value | None:
        """Give the value of a field, if there is one of that name; the first, of several."""
        return next((value for known, value in self._fields if known == name), None)

    def text(self, name: str) -> str | None:
        """Give a field, if it is a text."""
        value = self.value(name)
        return value if isinstance(value, str) else None

    def uint(self, name: str) -> _Int | None:
        """Give a field, if it is a whole number that is not negative."""
        number = self._whole(name)
        return number if number is not None and 0 <= number < _UINT_END else None

    def int(self, name: str) -> _Int | None:
        """Give a field, if it is a whole number within 64 bits with a sign."""
        number = self._whole(name)
        return number if number is not None and -_INT_END <= number < _INT_END else None

    def float(self, name: str) -> _Float | None:
        """Give a field, if it is a number. A whole one beyond 2^53 is rounded."""
        value = self.value(name)
        if isinstance(value, float):
            return value
        number = self._whole(name)
        return None if number is None else float(number)

    def truth(self, name: str) -> bool | None:
        """Give a field, if it is true or false."""
        value = self.value(name)
        return value if isinstance(value, bool) else None

    def bytes(self, name: str) -> _Bytes | None:
        """Give a field, if it is bytes."""
        value = self.value(name)
        return value if isinstance(value, bytes) else None

    def _whole(self, name: str) -> _Int | None:
        value = self.value(name)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return int(value) if is_whole else None  # type: ignore[arg-type]

    def with_kind(self, kind: str) -> Event:
        """Give the same row of another kind."""
        return Event.from_pairs(kind, self.time_ns, self._fields)

    def set(self, name: str, value: _FieldValue) -> Event:
        """Give the row with a value in place of the one that the field has, or with the field added."""
        if self.value(name) is None:
            return Event.from_pairs(self.kind, self.time_ns, [*self._fields, (name, value)])
        fields = [(known, value if known == name else old) for known, old in self._fields]
        return Event.from_pairs(self.kind, self.time_ns, fields)

    def without(self, name: str) -> Event:
        """Give the row without a field, if it has it."""
        fields = [field for field in self._fields if field[0] != name]
        return Event.from_pairs(self.kind, self.time_ns, fields)

    def emit(self) -> None:
        """Emit the row when the call ends.

        Where the host refuses it then, the call fails, which ends the instance: a kind or field breaks a
        rule, or the call emits more rows than the host takes.
        """
        _pending.append(self)
        if len(_pending) == _ROWS_AT_ONCE:
            _flush()


@dataclass(frozen=True)
class Received:
    """An event of another plugin."""

    plugin: str
    """The plugin that emitted it, as the host calls it."""
    event: Event
    """As it was emitted. Emit it to let it pass."""


_pending: list[Event] = []


def emit_all(rows: Sequence[Event]) -> None:
    """Emit rows now, in order: all of them, or, if the host refuses one, none: `HostError`."""
    _flush()
    _hand(rows)


@at_end
def _flush() -> None:
    if _pending:
        rows = _pending.copy()
        _pending.clear()
        _hand(rows)


def _hand(rows: Sequence[Event]) -> None:
    try:
        _events.emit([_raw(row) for row in rows] if IS_COMPONENT else rows)
    except Exception as error:
        reason = refusal(error)
        if reason is None:
            raise
        raise HostError(f"the host refused {len(rows)} events", reason) from None


def _checked_all(fields: Iterable[tuple[str, _FieldValue]]) -> list[tuple[str, Value]]:
    return [(name, _checked(name, value)) for name, value in fields if value is not None]


def _checked(name: str, value: _FieldValue) -> Value:
    if isinstance(value, IPv4Address | IPv6Address):
        return address_text(value)
    if isinstance(value, MacAddress):
        return str(value)
    if isinstance(value, int) and not _fits(value):
        raise ValueError(f"the field {name} has a number beyond 64 bits: {value}")
    if not isinstance(value, str | int | float | bytes):
        raise TypeError(f"the field {name} can't hold a {type(value).__name__}")
    return value


def _fits(number: int) -> bool:
    if isinstance(number, UInt):
        return 0 <= number < _UINT_END
    return -_INT_END <= number < _INT_END


if IS_COMPONENT:
    _types = types()

    def _raw(row: Event) -> object:
        fields = [(name, _raw_value(value)) for name, value in row.fields]
        return _types.Event(row.kind, row.time_ns, fields)

    def _raw_value(value: Value) -> object:
        for kind, case in _CASES:
            if isinstance(value, kind):
                return case(value)
        raise TypeError(f"a field can't hold a {type(value).__name__}")

    # A `bool` is an `int`, and a `UInt` too: they come first.
    _CASES = (
        (bool, _types.Value_Truth),
        (UInt, _types.Value_Uint),
        (int, _types.Value_Int),
        (str, _types.Value_Text),
        (float, _types.Value_Float),
        (bytes, _types.Value_Bytes),
    )

    def from_raw(raw: object) -> Event:
        """Give an event that came from the host."""
        fields = [(name, _from_raw_value(value)) for name, value in raw.fields]  # type: ignore[attr-defined]
        return Event.from_pairs(raw.kind, raw.time_ns, fields)  # type: ignore[attr-defined]

    def _from_raw_value(raw: object) -> Value:
        value: Value = raw.value  # type: ignore[attr-defined]
        return UInt(value) if isinstance(raw, _types.Value_Uint) else value
