"""The recorder's chance."""

from .recorder import Host

_BITS = (1 << 64) - 1


def next() -> int:
    """SplitMix64 (Steele, Lea and Flood, 2014) from the seed 0: the same numbers for each recorder."""
    Host.recorder.drawn += 1
    z = Host.recorder.drawn * 0x9E3779B97F4A7C15 & _BITS
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _BITS
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _BITS
    return z ^ z >> 31
