import unittest

from ringtap import Event, UInt
from ringtap.testing import Harness, PacketRecord

from plugin import Protocols

UDP = PacketRecord.udp("10.0.0.1:5000", "10.0.0.2:53").len(70)
FRAME = PacketRecord.frame().len(60)


def row(time_ns: int, protocol: str, packets: int, size: int) -> Event:
    return Event(
        "protocol",
        time_ns,
        {"protocol": protocol, "packets": UInt(packets), "bytes": UInt(size)},
    )


class Plugin(unittest.TestCase):
    def test_packets_and_bytes_are_counted_by_protocol(self) -> None:
        host = Harness(Protocols)
        host.packets([UDP, FRAME, UDP.sampled(10)])
        self.assertEqual(host.metric("{{ident}}_packets_total", protocol="udp"), 11)
        self.assertEqual(host.metric("{{ident}}_bytes_total", protocol="udp"), 770)
        self.assertEqual(host.metric("{{ident}}_packets_total", protocol="none"), 1)

    def test_a_report_comes_when_it_is_due_and_at_the_end(self) -> None:
        host = Harness(Protocols, "report_seconds = 2")
        host.packets([UDP])
        host.tick(1_000_000_000)
        host.tick(2_999_999_999)
        self.assertEqual(host.take_events(), [])
        host.tick(3_000_000_000)
        host.stop(4_000_000_000)
        expected = [row(3_000_000_000, "udp", 1, 70), row(4_000_000_000, "udp", 1, 70)]
        self.assertEqual(host.take_events(), expected)

    def test_totals_are_handed_to_the_next_version(self) -> None:
        host = Harness(Protocols)
        host.packets([UDP, FRAME])
        host.reload()
        host.packets([UDP])
        host.stop(5)
        self.assertEqual(host.take_events(), [row(5, "none", 1, 60), row(5, "udp", 2, 140)])

    def test_a_state_that_is_damaged_is_refused(self) -> None:
        host = Harness(Protocols)
        for bad in (b"", b"x\n", b"1", b"1\nudp 1\n", b"1\nudp 1 2", b"1\n\n", b"1\n\xff\n"):
            with self.assertRaisesRegex(ValueError, "the saved state is damaged"):
                host.restore(1, bad)

    def test_a_config_that_makes_no_sense_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "0 won't do, it must be a whole number from 1"):
            Harness(Protocols, "report_seconds = 0")


if __name__ == "__main__":
    unittest.main()
