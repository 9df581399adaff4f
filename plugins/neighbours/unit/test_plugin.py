import unittest

from ringtap import Event, Mark, UInt
from ringtap.testing import Harness, PacketRecord

import plugin

ONE, TWO = "02:00:00:00:00:01", "02:00:00:00:00:02"
ALL = "ff:ff:ff:ff:ff:ff"


def arp(sender: str, mac: str, target: str = "10.0.0.9") -> PacketRecord:
    return PacketRecord.arp(1, sender, target).macs(mac, ALL).time(5)


def nd(src: str, mac: str, icmp_type: int = 136) -> PacketRecord:
    record = PacketRecord.ip(src, "ff02::1", 58).mark(Mark.ICMP).macs(mac, ALL).time(5)
    return record.set("icmp_type", icmp_type).set("ttl", 255)


class Neighbours(unittest.TestCase):
    def setUp(self) -> None:
        self.host = Harness(plugin.Neighbours, "limit = 3")
        self.host.name_interface(1, "eth0")

    def new(self, ip: str, mac: str) -> Event:
        return Event("neighbour_new", 5, {"interface": "eth0", "ip": ip, "mac": mac})

    def test_an_address_is_new_once_and_moves_when_another_claims_it(self) -> None:
        self.host.packets([arp("10.0.0.1", ONE), arp("10.0.0.1", ONE), nd("fe80::1", ONE)])
        self.assertEqual(
            self.host.take_events(), [self.new("10.0.0.1", ONE), self.new("fe80::1", ONE)]
        )
        self.host.packets([arp("10.0.0.1", TWO)])
        fields = {"interface": "eth0", "ip": "10.0.0.1", "old_mac": ONE, "mac": TWO}
        self.assertEqual(self.host.take_events(), [Event("neighbour_moved", 5, fields)])
        names = ("known", "new_total", "moved_total")
        self.assertEqual([self.host.metric(f"neighbours_{name}") for name in names], [2, 2, 1])
        self.assertEqual(self.host.metric("neighbours_claims_total", protocol="arp"), 3)
        self.assertEqual(self.host.metric("neighbours_claims_total", protocol="nd"), 1)

    def test_networks_are_told_apart(self) -> None:
        tagged = arp("10.0.0.1", TWO).vlan(7)
        other = arp("10.0.0.1", TWO).set("ifindex", 2)
        self.host.packets([arp("10.0.0.1", ONE), tagged, other])
        events = self.host.take_events()
        self.assertEqual([event.kind for event in events], ["neighbour_new"] * 3)
        self.assertEqual([event.value("vlan") for event in events], [None, UInt(7), None])
        self.assertEqual([event.text("interface") for event in events], ["eth0", "eth0", "2"])

    def test_what_claims_nothing_is_left_alone(self) -> None:
        self.host.packets(
            [
                arp("0.0.0.0", ONE),
                arp("10.0.0.1", "03:00:00:00:00:01"),
                PacketRecord.arp(1, "10.0.0.1", "10.0.0.2"),
                nd("::", ONE, 135),
                nd("fe80::1", ONE, 128),
                nd("fe80::1", ONE).set("ttl", 254),
                PacketRecord.udp("10.0.0.1:1", "10.0.0.2:2").macs(ONE, TWO),
                PacketRecord.frame().macs(ONE, TWO),
            ]
        )
        self.assertEqual((self.host.take_events(), self.host.metric("neighbours_known")), ([], 0))

    def test_the_one_that_was_silent_for_longest_makes_room(self) -> None:
        first = [arp(f"10.0.0.{i}", ONE) for i in (1, 2, 3)]
        self.host.packets([*first, arp("10.0.0.1", ONE), arp("10.0.0.4", ONE)])
        self.assertEqual(self.host.metric("neighbours_known"), 3)
        self.assertEqual(self.host.metric("neighbours_dropped_total"), 1)
        self.host.take_events()
        self.host.packets([arp("10.0.0.1", ONE), arp("10.0.0.2", ONE)])
        self.assertEqual(self.host.take_events(), [self.new("10.0.0.2", ONE)])

    def test_the_table_is_handed_on_and_cut_to_size(self) -> None:
        self.host.packets([arp("10.0.0.1", ONE), nd("2001:db8::1", TWO).vlan(7)])
        self.host.take_events()
        self.host.reload("limit = 1")
        self.assertEqual(self.host.metric("neighbours_known"), 1)
        self.host.packets([nd("2001:db8::1", TWO).vlan(7)])
        self.assertEqual(self.host.take_events(), [])

    def test_a_state_that_is_damaged_is_refused(self) -> None:
        for bad in (b"x", b"1 - 10.0.0.1 02\n", b"1 - 10.0.0.999 02:00:00:00:00:01\n", b"\xff\n"):
            with self.assertRaisesRegex(ValueError, "the saved state is damaged"):
                self.host.restore(1, bad)


if __name__ == "__main__":
    unittest.main()
