"""Numbers of records, little-endian."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Unpack = Callable[[bytes, int], tuple[int]]

u16: Unpack = Struct("<H").unpack_from
u32: Unpack = Struct("<I").unpack_from
u64: Unpack = Struct("<Q").unpack_from
