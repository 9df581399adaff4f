"""A small store of the plugin's own, which outlives its instances and the runtime.

Not granted unless the operator says so (`kv` in the plugin's `grants`): a plugin that imports it is
refused without. Keys are texts of 1 to 256 bytes, values at most 64 KiB, and there are as many of both
as the operator's limit allows. What a call sets or deletes is kept when it returns; a call that raises
or overruns leaves the store as it was. In replay it starts empty and is not kept.
"""

from __future__ import annotations

from .errors import HostError
from .host import load, refusal
from .quoted import quoted

_kv = load("kv")


def get(key: str) -> bytes | None:
    """Give the value of a key, what this call set included. A host call, as all here: keep it."""
    value: bytes | None = _kv.get(key)
    return value


def set(key: str, value: bytes) -> None:
    """Give a key a value. `HostError` where the key, the value or the store is at a bound."""
    try:
        _kv.set(key, value)
    except Exception as error:
        reason = refusal(error)
        if reason is None:
            raise
        raise HostError(f"can't store the key {quoted(key)}", reason) from None


def delete(key: str) -> None:
    """Drop a key and its value. Nothing happens where there is no such key."""
    _kv.delete(key)


def keys(prefix: str = "") -> list[str]:
    """Give the keys that start with `prefix`, in the order of their bytes; all where it is empty."""
    found: list[str] = _kv.keys(prefix)
    return found
