"""Counts bytes by IPv4 destination, at a fraction of what packets cost."""

from collections import Counter as Sum
from ipaddress import IPv4Address

import ringtap
from ringtap import Batch, Counter, Interest


class BytesByHost(ringtap.Plugin, ringtap.Aggregate):
    """The plugin."""

    name = "bytes-by-host"
    version = "1.0.0"
    interests = (Interest("v4", "ip"),)

    def __init__(self, config: str) -> None:  # noqa: ARG002
        self.bytes = Counter.family("host_bytes_total", "Bytes by destination.", ["host"])

    def on_packets(self, batch: Batch) -> None:
        """Add up in numbers, and turn to texts and series once for each host."""
        sums = Sum[int]()
        for host, size, sample in batch.rows("dst_lo", "wire_len", "sample_one_in"):
            sums[host] += size * sample
        for host, size in sums.items():
            self.bytes.with_(str(IPv4Address(host))).add(size)


ringtap.export(BytesByHost)
