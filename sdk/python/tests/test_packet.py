import unittest
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from ringtap import (
    Arp,
    Batch,
    Gso,
    Hook,
    MacAddress,
    Mark,
    Packet,
    TcpFlags,
    VlanTag,
    address_text,
)
from ringtap.testing import PacketRecord


@dataclass
class Head:
    sequence: int = 7
    shed_before: int = 2
    clock_offset_ns: int = 1000
    record_size: int = 160
    count: int = 2


def batch_of(*records: PacketRecord, payload: bytes = b"") -> Batch:
    """A batch of a host whose records are 8 bytes longer."""
    payloads = bytearray(payload)
    longer = b"".join(record.placed(payloads) + b"\xff" * 8 for record in records)
    return Batch(Head(count=len(records)), longer, bytes(payloads))


def see(record: PacketRecord) -> Packet:
    """The record behind another."""
    return batch_of(PacketRecord.frame(), record, payload=b"payload")[1]


class Packets(unittest.TestCase):
    def test_what_a_packet_does_not_have_is_none(self) -> None:
        packet = see(PacketRecord.frame())
        absent = (
            *(packet.src, packet.dst, packet.protocol, packet.src_port, packet.dst_port),
            *(packet.tcp_flags, packet.eth_src, packet.eth_type, packet.direction, packet.ttl),
            *(
                packet.src_text,
                packet.dst_text,
                packet.ip_id,
                packet.icmp_type,
                packet.arp,
                packet.gso,
                packet.ip_version,
            ),
        )
        self.assertEqual(set(absent), {None})
        self.assertEqual((packet.payload, packet.vlan_ids), (b"", []))
        self.assertEqual((packet.hook, packet.packets, packet.wire_bytes), (Hook.REPLAY, 1, 100))

    def test_an_address_needs_a_whole_header(self) -> None:
        packet = see(PacketRecord.udp("10.0.0.1:1", "10.0.0.2:2").set("ip_len", 0))
        self.assertEqual((packet.src, packet.ip_version), (None, 4))

    def test_a_tcp_packet(self) -> None:
        flags = TcpFlags.SYN | TcpFlags.ACK
        packet = see(PacketRecord.tcp("[fc00::1]:80", "[fc00::2]:1234", flags).time(5))
        self.assertEqual((packet.src, packet.dst), (ip_address("fc00::1"), ip_address("fc00::2")))
        self.assertEqual((packet.src_port, packet.dst_port), (80, 1234))
        self.assertEqual((packet.protocol, packet.tcp_flags), (6, flags))
        self.assertEqual((packet.time_ns, packet.ip_id, packet.flow_label), (1005, None, 0))
        self.assertEqual((packet.src_text, packet.dst_text), ("fc00::1", "fc00::2"))
        mapped = see(PacketRecord.udp("[::ffff:192.0.2.1]:1", "[::1]:2"))
        self.assertEqual(mapped.src_text, "::ffff:192.0.2.1")
        self.assertEqual(see(PacketRecord.udp("192.0.2.1:1", "10.0.0.1:2")).dst_text, "10.0.0.1")
        self.assertIn("src=fc00::1", repr(packet))

    def test_vlan_tags_are_taken_apart(self) -> None:
        packet = see(PacketRecord.frame().vlan(0xB00A).vlan(20).mark(Mark.SERVICE_TAG))
        service = VlanTag(id=10, priority=5, drop_eligible=True, service=True)
        customer = VlanTag(id=20, priority=0, drop_eligible=False, service=False)
        self.assertEqual(packet.vlan_tags, [service, customer])
        self.assertEqual(len(see(PacketRecord.frame().set("vlan_count", 9)).vlan_ids), 4)

    def test_a_super_packet_counts_as_its_segments(self) -> None:
        cut = PacketRecord.udp("10.0.0.1:1", "10.0.0.2:2").len(3042).mark(Mark.GSO)
        record = cut.set("gso_size", 1000).set("gso_segments", 3).set("l7_offset", 42)
        packet = see(record)
        self.assertEqual((packet.packets, packet.wire_bytes), (3, 3042 + 84))
        self.assertEqual(packet.gso, Gso(1000, 3))
        tagged = record.mark(Mark.VLAN_IN_METADATA)
        self.assertEqual(see(tagged).wire_bytes, 3042 + 92)
        widest = tagged.set("l7_offset", 0xFFFF).set("gso_segments", 0xFFFF).len(0xFFFFFFFF)
        self.assertEqual(see(widest).wire_bytes, 0xFFFFFFFF + 0xFFFE * 0x10003)
        self.assertEqual(see(widest.sampled(0xFFFFFFFF)).wire_bytes, 2**64 - 1)
        none = see(record.set("gso_segments", 0))
        self.assertEqual((none.packets, none.wire_bytes), (1, 3042))
        sampled = see(record.sampled(1000))
        self.assertEqual((sampled.packets, sampled.wire_bytes), (3000, 3_126_000))
        self.assertEqual(see(PacketRecord.frame().sampled(0)).packets, 1)

    def test_a_mac_address_is_put_together(self) -> None:
        packet = see(PacketRecord.frame().macs("02:00:00:03:04:05", "ff:ff:ff:ff:ff:fe"))
        self.assertEqual(str(packet.eth_src), "02:00:00:03:04:05")
        self.assertEqual(packet.eth_dst, MacAddress(b"\xff\xff\xff\xff\xff\xfe"))

    def test_arp_has_addresses_of_its_own(self) -> None:
        packet = see(PacketRecord.arp(1, "10.0.0.1", "0.0.0.0"))
        self.assertEqual(packet.arp, Arp(1, IPv4Address("10.0.0.1"), IPv4Address("0.0.0.0")))
        self.assertIsNone(packet.src)

    def test_payload_outside_the_batch_is_empty(self) -> None:
        for offset, length, expected in (
            (1, 3, b"ayl"),
            (5, 3, b""),
            (100, 1, b""),
            (0xFFFFFFFF, 0xFFFF, b""),
        ):
            record = PacketRecord.frame().set("payload_offset", offset)
            self.assertEqual(see(record.set("payload_len", length)).payload, expected)

    def test_interests_are_told_by_their_bits(self) -> None:
        packet = see(PacketRecord.frame().matched(1 << 63 | 1 << 1))
        self.assertEqual([i for i in range(-1, 200) if packet.matches(i)], [1, 63])

    def test_rows_have_the_fields_in_the_order_asked_for(self) -> None:
        batch = batch_of(
            PacketRecord.udp("10.0.0.1:1", "10.0.0.2:2").len(70),
            PacketRecord.udp("10.0.0.3:3", "10.0.0.4:4").len(71),
        )
        rows = list(batch.rows("wire_len", "dst_lo", "protocol", "wire_len"))
        self.assertEqual(rows, [(70, 0x0A000002, 17, 70), (71, 0x0A000004, 17, 71)])
        self.assertEqual(list(batch.rows("src_lo", "src_port")), [(0x0A000001, 1), (0x0A000003, 3)])
        self.assertEqual(list(batch.rows()), [(), ()])
        with self.assertRaises(KeyError):
            batch.rows("no_such")

    def test_a_batch_is_a_sequence_of_packets(self) -> None:
        batch = batch_of(PacketRecord.frame().len(1), PacketRecord.frame().len(2))
        self.assertEqual([packet.wire_len for packet in list(batch)], [1, 2])
        self.assertEqual((len(batch), batch.sequence, batch.shed_before), (2, 7, 2))
        for index in (-1, 2):
            with self.assertRaises(IndexError):
                batch[index]
        with self.assertRaisesRegex(RuntimeError, "151 bytes, not 152"):
            Batch(Head(record_size=151), b"", b"")

    def test_an_address_is_written_as_rfc_5952_has_it(self) -> None:
        for text in (
            "192.0.2.255",
            "::",
            "::1",
            "2001:db8:0:1:1:1:1:1",
            "2001:0:0:1::1",
            "::ffff:192.0.2.1",
            "::192:1",
            "::fffe:c000:201",
        ):
            self.assertEqual(address_text(ip_address(text)), text)


if __name__ == "__main__":
    unittest.main()
