"""Counts packets to web servers, and answers of name servers."""

import ringtap
from ringtap import Batch, Counter, Interest


class Services(ringtap.Plugin, ringtap.Aggregate):
    """The plugin."""

    name = "services"
    version = "1.0.0"
    interests = (
        Interest("web", "tcp dst port 443"),
        Interest("names", "udp port 53", payload=64),
    )

    def __init__(self, config: str) -> None:  # noqa: ARG002
        self.web = Counter("services_web_packets_total", "Packets to web servers.")
        self.answers = Counter("services_answers_total", "Answers of name servers.")

    def on_packets(self, batch: Batch) -> None:
        """Count."""
        for packet in batch:
            if packet.matches(0):
                self.web.add(packet.packets)
            # The highest bit of a DNS message's third byte: an answer.
            payload = packet.payload
            if packet.matches(1) and len(payload) > 2 and payload[2] & 0x80:
                self.answers.add(packet.packets)


ringtap.export(Services)
