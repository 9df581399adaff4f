import math
import unittest
from collections.abc import Callable
from ipaddress import ip_address

import ringtap
from ringtap import (
    Batch,
    Counter,
    Event,
    Family,
    Gauge,
    Histogram,
    HostError,
    MacAddress,
    Packet,
    Received,
    UInt,
    kv,
    log,
)
from ringtap.errors import chain
from ringtap.testing import Harness, PacketRecord


def frames(*lengths: int) -> list[PacketRecord]:
    return [PacketRecord.frame().len(length) for length in lengths]


def doing(work: Callable[[], None]) -> Harness[ringtap.Plugin]:
    """A host whose plugin does this in a tick."""

    class Doing(ringtap.Plugin):
        name = "p"
        version = "1"

        def __init__(self, config: str) -> None:
            pass

        def tick(self, now_ns: int) -> None:
            work()

    return Harness(Doing)


class Metrics(unittest.TestCase):
    def test_values_cross_once_when_the_call_ends(self) -> None:
        class Plugin(ringtap.Plugin, ringtap.Aggregate):
            def __init__(self, config: str) -> None:
                self.counter = Counter("c_total", "")
                self.gauge = Gauge("g", "")
                self.histogram = Histogram("h", "", [1])

            def on_packets(self, batch: Batch) -> None:
                for packet in batch:
                    self.counter.inc()
                    self.counter.add(packet.wire_bytes)
                    self.counter.add(0.5)
                    self.gauge.set(packet.wire_len)
                    self.histogram.observe(0.25)
                self.histogram.observe_all([1, 2])

        host = Harness(Plugin)
        self.assertEqual((host.metric("c_total"), host.calls), (0, 0))
        host.packets(frames(10, 20))
        values = [host.metric(name) for name in ("c_total", "g", "h")]
        self.assertEqual((values, host.calls), ([33, 20, 3.5], 1))
        host.packets(frames(1))
        self.assertEqual((host.metric("c_total"), host.calls), (35.5, 2))

    def test_a_forgotten_series_is_gone_with_what_it_was_about_to_get(self) -> None:
        def work() -> None:
            counter = Counter("c_total", "")
            one = Histogram("h", "", [], {"l": "1"})
            two = Histogram("h", "", [])
            counter.inc()
            one.observe(1)
            two.observe(2)
            counter.forget()
            one.forget()

        host = doing(work)
        host.tick(1)
        self.assertEqual((host.metric("c_total"), host.metric("h", l="1")), (None, None))
        self.assertEqual(host.metric("h"), 2)

    def test_a_family_defines_each_series_once(self) -> None:
        family = Counter.family("c_total", "", ["a", "b"])
        uses = [2]

        def work() -> None:
            for _ in range(uses.pop() if uses else 0):
                family.with_("x", "yz").inc()
                family.with_("xy", "z").inc()

        host = doing(work)
        host.tick(1)
        self.assertEqual(host.metric("c_total", b="yz", a="x"), 2)
        self.assertEqual(host.metric("c_total", a="xy", b="z"), 2)
        family.forget("x", "yz")
        family.forget("never", "used")
        with self.assertRaises(ValueError):
            family.with_("x")
        host.tick(2)
        self.assertEqual((len(family), len(host.metrics("c_total"))), (1, 1))

    def test_a_family_remembers_none_of_the_values_that_overflow(self) -> None:
        family: Family[Counter] = Counter.family("c_total", "", ["a"])
        gauges = Gauge.family("g", "", ["a"])
        values = ["p", "q", "p", "y", "x"]

        def work() -> None:
            value = values.pop()
            family.with_(value).inc()
            gauges.with_(value).set(1)

        host = doing(work)
        host.limit_series(4)
        for _ in range(5):
            host.tick(1)
        self.assertEqual(host.metric("c_total", a="(overflow)"), 3)
        self.assertEqual(host.metric("g", a="(overflow)"), 0)
        family.forget("p")
        family.with_("r").forget()
        family.forget("x")
        values.append("y")
        host.tick(2)
        self.assertEqual((len(family), len(host.metrics("c_total"))), (1, 2))
        values.append("p")
        host.tick(3)
        self.assertEqual((len(family), host.metric("c_total", a="p")), (2, 1))

    def test_what_a_metric_cant_take_is_refused_where_it_is_said(self) -> None:
        def work() -> None:
            with self.assertRaises(HostError) as refused:
                Counter("1", "")
            self.assertEqual(
                str(refused.exception), "can't define the metric 1: 1 is no name of a metric"
            )
            self.assertEqual(refused.exception.reason, "1 is no name of a metric")
            for bad in (-1, math.nan, math.inf):
                with self.assertRaises(ValueError):
                    Counter("c_total", "").add(bad)
            with self.assertRaises(ValueError):
                Histogram("h", "", []).observe(math.nan)
            with self.assertRaises(ValueError):
                Histogram("h", "", []).observe_all([1, math.nan])

        doing(work).tick(1)


class Events(unittest.TestCase):
    def test_events_cross_when_the_call_ends_or_many_wait_and_keep_their_order(self) -> None:
        def work() -> None:
            Event("a", 1).emit()
            ringtap.emit_all([Event("b", 2)])
            for _ in range(64):
                Event("c", 3).emit()
            Event("d", ringtap.now_ns()).emit()

        host = doing(work)
        host.tick(9)
        kinds = [event.kind for event in host.take_events()]
        self.assertEqual((len(kinds), kinds[:2], kinds[-1]), (67, ["a", "b"], "d"))
        self.assertEqual(host.calls, 4)

    def test_a_refusal_is_an_error_of_who_asked_for_one_or_fails_the_call(self) -> None:
        def work() -> None:
            with self.assertRaisesRegex(HostError, "the host refused 2 events: told to refuse"):
                ringtap.emit_all([Event("a", 1), Event("b", 1)])
            Event("c", 1).emit()

        host = doing(work)
        host.refuse_events(True)
        with self.assertRaisesRegex(HostError, "the host refused 1 events: told to refuse"):
            host.tick(1)

    def test_a_field_is_read_as_what_it_can_be(self) -> None:
        row = Event(
            "flow",
            7,
            {
                "src": "10.0.0.1",
                "bytes": UInt(9),
                "delta": -2,
                "ratio": 0.5,
                "fresh": True,
                "raw": b"\1",
                "none": None,
            },
        )
        self.assertEqual(len(row.fields), 6)
        self.assertEqual((row.text("src"), row.text("bytes")), ("10.0.0.1", None))
        self.assertEqual((row.uint("bytes"), row.uint("delta")), (9, None))
        self.assertEqual((row.int("bytes"), row.int("delta"), row.int("fresh")), (9, -2, None))
        floats = [row.float(name) for name in ("bytes", "delta", "ratio", "src")]
        self.assertEqual(floats, [9, -2, 0.5, None])
        self.assertEqual((row.truth("fresh"), row.truth("raw")), (True, None))
        self.assertEqual((row.bytes("raw"), row.bytes("src")), (b"\1", None))
        self.assertIsNone(Event("big", 0, {"n": UInt(2**64 - 1)}).int("n"))

    def test_addresses_are_written_as_text(self) -> None:
        address, mac = ip_address("::ffff:1.2.3.4"), MacAddress.from_number(1)
        row = Event("e", 0, {"a": address, "m": mac})
        self.assertEqual((row.text("a"), row.text("m")), ("::ffff:1.2.3.4", "00:00:00:00:00:01"))

    def test_a_number_without_64_bits_is_none(self) -> None:
        for bad in (UInt(-1), UInt(2**64), 2**63, -(2**63) - 1):
            with self.assertRaises(ValueError):
                Event("e", 0, {"n": bad})
        with self.assertRaises(TypeError):
            Event("e", 0, {"n": []})  # type: ignore[dict-item]

    def test_types_tell_rows_apart(self) -> None:
        self.assertEqual(Event("e", 0, {"n": UInt(1)}), Event.from_pairs("e", 0, [("n", UInt(1))]))
        for other in (1, True, 1.0, "1", b"1"):
            self.assertNotEqual(Event("e", 0, {"n": UInt(1)}), Event("e", 0, {"n": other}))

    def test_a_row_is_reshaped_and_keeps_its_order(self) -> None:
        row = Event("flow", 7, {"src": "a", "bytes": UInt(9), "delta": -2})
        other = row.with_kind("export").set("bytes", "many").set("by", "edge")
        other = other.without("delta").without("absent")
        expected = Event("export", 7, {"src": "a", "bytes": "many", "by": "edge"})
        self.assertEqual(other, expected)
        self.assertEqual(row.uint("bytes"), 9)


class Roles(unittest.TestCase):
    def test_a_filter_says_of_each_packet_whether_it_goes_on(self) -> None:
        class Grows(ringtap.Plugin, ringtap.Filter):
            def __init__(self, config: str) -> None:
                self.last = 0

            def keep(self, packet: Packet) -> bool:
                before, self.last = self.last, packet.wire_len
                return self.last > before

        host = Harness(Grows)
        self.assertEqual(host.keep(frames(60, 70, 70, 90)), [True, True, False, True])
        self.assertEqual(host.keep(frames(80, 81)), [False, True])
        self.assertEqual(host.keep(frames(*range(100, 1124))), [True] * 1024)

    def test_a_filter_may_look_at_the_whole_batch(self) -> None:
        class Whole(ringtap.Plugin, ringtap.Filter):
            def __init__(self, config: str) -> None:
                pass

            def keep(self, packet: Packet) -> bool:
                return packet.wire_len == 60

            def keep_batch(self, batch: Batch) -> list[bool]:
                return [any(map(self.keep, batch))] * (len(batch) if len(batch) < 4 else 3)

        host = Harness(Whole)
        self.assertEqual(host.keep(frames(61, 60, 62)), [True] * 3)
        self.assertEqual(host.keep(frames(61, 62)), [False] * 2)
        with self.assertRaisesRegex(ValueError, "answers for 3 packets, not 4"):
            host.keep(frames(1, 2, 3, 4))

    def test_an_exporter_takes_the_events_of_others(self) -> None:
        class Copy(ringtap.Plugin, ringtap.Exporter):
            def __init__(self, config: str) -> None:
                pass

            def on_events(self, events: list[Received]) -> None:
                for received in events:
                    received.event.with_kind("copy").set("from", received.plugin).emit()

        host = Harness(Copy)
        host.events([("other", Event("flow", 3, {"n": UInt(1)}))])
        self.assertEqual(host.take_events(), [Event("copy", 3, {"n": UInt(1), "from": "other"})])

    def test_state_goes_from_one_instance_to_the_next(self) -> None:
        class Counts(ringtap.Plugin, ringtap.Aggregate, ringtap.State):
            schema = 3

            def __init__(self, config: str) -> None:
                self.seen = 0
                self.packets = Counter("packets_total", "")
                if config == "bad":
                    log.warn("refused")
                    raise ValueError("told to refuse")

            def on_packets(self, batch: Batch) -> None:
                self.seen += len(batch)
                self.packets.add(len(batch))

            def save(self) -> bytes:
                self.packets.add(1000)
                return bytes([self.seen])

            def restore(self, schema: int, saved: bytes) -> None:
                if schema != 3 or len(saved) != 1:
                    raise ValueError("damaged")
                self.seen = saved[0]

        host = Harness(Counts)
        host.packets(frames(1, 2, 3))
        host.reload()
        host.packets(frames(4))
        self.assertEqual((host.save(), host.metric("packets_total")), (b"\4", 4))
        with self.assertRaisesRegex(ValueError, "damaged"):
            host.restore(3, b"")
        with self.assertRaisesRegex(ValueError, "told to refuse"):
            host.reload("bad")
        self.assertEqual((host.plugin.seen, host.take_log()), (4, [("warn", "refused")]))

    def test_a_plugin_with_two_roles_to_work_in_is_none(self) -> None:
        class Both(ringtap.Plugin, ringtap.Aggregate, ringtap.Exporter):
            pass

        with self.assertRaisesRegex(TypeError, "not both Aggregate and Exporter"):
            ringtap.export(Both)  # type: ignore[type-abstract]

    def test_a_role_that_the_plugin_does_not_have_is_told_so(self) -> None:
        with self.assertRaisesRegex(TypeError, "does not have the role Aggregate"):
            doing(lambda: None).packets(frames(1))

    def test_an_error_is_told_with_its_causes_and_a_mistake_with_its_name(self) -> None:
        error = ValueError("no")
        error.__cause__ = KeyError("x")
        self.assertEqual(chain(error), "no: KeyError: 'x'")


class Others(unittest.TestCase):
    def test_the_store_keeps_what_was_set_and_a_bound_names_the_key(self) -> None:
        def work() -> None:
            kv.set("b/2", b"two")
            kv.set("b/1", b"")
            kv.set("a", b"one")
            self.assertEqual((kv.get("a"), kv.get("c")), (b"one", None))
            self.assertEqual((kv.keys("b/"), kv.keys("c")), (["b/1", "b/2"], []))
            kv.delete("b/1")
            kv.delete("never there")
            self.assertEqual(kv.keys(), ["a", "b/2"])
            for key, value, refusal in (
                ("", b"", 'can\'t store the key "": it has 0 bytes, not 1 to 256'),
                ("k" * 257, b"", "it has 257 bytes, not 1 to 256"),
                ("k", bytes(65537), "its value has 65537 bytes, at most 65536"),
            ):
                with self.assertRaisesRegex(HostError, refusal):
                    kv.set(key, value)

        host = doing(work)
        host.tick(1)
        self.assertEqual(host.stored("b/2"), b"two")
        host.refuse_kv(True)
        with self.assertRaisesRegex(HostError, "told to refuse"):
            host.tick(2)

    def test_the_log_the_clock_names_and_chance(self) -> None:
        def work() -> None:
            log.debug("d")
            log.info("i")
            log.warn(ringtap.interface_name(1) or "none")
            log.error(f"{ringtap.now_ns()} {ringtap.interface_name(2)} {ringtap.random_u64()}")

        host = doing(work)
        host.name_interface(1, "eth0")
        host.tick(5)
        self.assertEqual(
            host.take_log(),
            [
                ("debug", "d"),
                ("info", "i"),
                ("warn", "eth0"),
                ("error", "5 None 16294208416658607535"),
            ],
        )


if __name__ == "__main__":
    unittest.main()
