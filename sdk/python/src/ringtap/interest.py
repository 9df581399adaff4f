"""Which packets a plugin wants."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interest:
    """Packets that a plugin wants to see: those that a filter takes, all or a sample of them.

    The operator may narrow each, and never widens it: with a filter of their own, a smaller sample,
    fewer payload bytes. One that breaks a rule refuses the plugin when it is loaded; `ringtap plugin
    inspect` says which and why.
    """

    name: str
    """For people: 1 to 64 characters of `a-z 0-9 _ -`, unique within the plugin."""
    filter: str = ""
    """In pcap-filter's language, as in `tcpdump`; empty for every packet. It is evaluated in the
    kernel, so a packet that no plugin wants costs little."""
    sample_one_in: int = 1
    """Keep one in so many: 1 (all) to 1,000,000."""
    sample_flows: bool = False
    """Whether a hash of addresses, protocol and ports decides which are kept, so that flows are whole,
    both directions; else chance does. The same for all interests of a plugin."""
    payload: int = 0
    """Bytes from behind the headers of each packet, 0 to 1,500. The operator has to grant them, or the
    plugin is refused. See `Packet.payload`."""
