import unittest

from bytes_by_host import BytesByHost
from fragments import Fragments
from long import Long
from new_hosts import NewHosts
from odd import Odd
from ports import Ports
from ringtap import Event, Mark, UInt
from ringtap.testing import Harness, PacketRecord
from services import Services

UDP = PacketRecord.udp("10.0.0.1:50000", "10.0.0.2:53")


class Examples(unittest.TestCase):
    def test_fragments_are_counted(self) -> None:
        host = Harness(Fragments)
        host.packets([UDP, UDP.mark(Mark.FRAGMENT)])
        self.assertEqual(host.metric("fragments_total"), 1)

    def test_services_are_told_apart_by_interests(self) -> None:
        host = Harness(Services)
        dns = UDP.matched(2)
        host.packets([UDP, dns, dns.payload(b"\0\0\x80"), dns.payload(b"\0\0\0")])
        self.assertEqual(host.metric("services_web_packets_total"), 1)
        self.assertEqual(host.metric("services_answers_total"), 1)

    def test_odd_packets_go_on(self) -> None:
        odd = PacketRecord.udp("10.0.0.1:50000", "10.0.0.2:60000")
        kept = Harness(Odd).keep([UDP, odd, PacketRecord.frame()])
        self.assertEqual(kept, [False, True, False])

    def test_long_flows_are_told(self) -> None:
        host = Harness(Long)
        flows = [
            Event("flow", 9, {"src": "a", "first_ns": UInt(0), "last_ns": UInt(last)})
            for last in (1_000_000_000, 1)
        ]
        host.events([("flow-log", flow) for flow in [*flows, Event("other", 9)]])
        expected = Event(
            "long_flow",
            9,
            {"first_ns": UInt(0), "last_ns": UInt(1_000_000_000), "from": "flow-log"},
        )
        self.assertEqual(host.take_events(), [expected])

    def test_ports_are_handed_on(self) -> None:
        host = Harness(Ports)
        host.packets([UDP, PacketRecord.udp("10.0.0.1:1", "10.0.0.2:443"), PacketRecord.frame()])
        host.reload()
        self.assertEqual(host.plugin.ports, {53, 443})
        with self.assertRaisesRegex(ValueError, "in the middle"):
            host.restore(1, b"\0")

    def test_bytes_are_added_up_by_host(self) -> None:
        host = Harness(BytesByHost)
        host.packets([UDP.len(70), UDP.len(80).sampled(10)])
        self.assertEqual(host.metric("host_bytes_total", host="10.0.0.2"), 870)

    def test_a_host_is_new_once(self) -> None:
        host = Harness(NewHosts)
        host.packets([UDP, UDP, PacketRecord.frame()])
        host.packets([UDP])
        self.assertEqual([event.text("host") for event in host.take_events()], ["10.0.0.1"])
        self.assertEqual(host.stored("host/10.0.0.1"), b"")


if __name__ == "__main__":
    unittest.main()
