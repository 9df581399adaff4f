//! Counts packets and bytes by IP protocol.
//!
//! Metrics: {{ident}}_packets_total and {{ident}}_bytes_total, with the label protocol.
//!
//! Events: protocol for each of them, every so many seconds and at the end, with what was counted
//! since the plugin first ran, over all its versions.
//!
//! Config, with its default:
//!
//!     report_seconds = 60
const std = @import("std");
const ringtap = @import("ringtap");
const c = ringtap.c;

/// IANA assigns the numbers. The others are one series, so that nobody who sends packets decides how
/// many series there are.
const Protocol = enum { icmp, icmp6, none, other, tcp, udp };
const protocols = std.enums.values(Protocol);

const Total = struct { packets: u64 = 0, bytes: u64 = 0 };

const schema = c.ringtap_state_schema{ .writes = 1, .reads_from = 1 };
const description = c.ringtap_description{
    .name = "{{name}}",
    .version = "0.1.0",
    .tick_ms = 1000,
    .state = &schema,
};

var totals: std.EnumArray(Protocol, Total) = .initFill(.{});
var report_every_ns: u64 = 0;
/// 0 before the first tick.
var reported_ns: u64 = 0;

var packets_total = c.ringtap_counter_family{
    .family = ringtap.family("{{ident}}_packets_total", "Packets by IP protocol.", &.{"protocol"}),
};
var bytes_total = c.ringtap_counter_family{
    .family = ringtap.family("{{ident}}_bytes_total", "Bytes on the wire by IP protocol.", &.{"protocol"}),
};

fn init(text: []const u8) c.ringtap_error {
    c.ringtap_report_panics();
    var config: c.ringtap_config = undefined;
    c.ringtap_config_read(&config, .{ .data = text.ptr, .len = text.len });
    report_every_ns = c.ringtap_config_seconds(&config, "report_seconds", 60, 1, 86400);
    return c.ringtap_config_finish(&config);
}

fn protocolOf(packet: c.ringtap_packet) Protocol {
    const number = ringtap.asked(u8, c.ringtap_packet_protocol, packet) orelse return .none;
    return switch (number) {
        1 => .icmp,
        6 => .tcp,
        17 => .udp,
        58 => .icmp6,
        else => .other,
    };
}

fn add(family: *c.ringtap_counter_family, protocol: Protocol, n: u64) void {
    var series: [*c]c.ringtap_counter = null;
    const labels = [_][*c]const u8{@tagName(protocol)};
    const refusal = c.ringtap_counter_with_(family, &series, &labels);
    // The host says no only to names and labels that break its rules.
    if (refusal != null) return c.ringtap_warn(refusal);
    c.ringtap_counter_add(series, n);
}

fn onPackets(batch: *const c.ringtap_batch) void {
    var all = ringtap.Packets{ .batch = batch };
    while (all.next()) |packet| {
        const protocol = protocolOf(packet);
        // Of one record, these can be more: it may stand for a sample or for a super-packet.
        const packets = c.ringtap_packet_packets(packet);
        const bytes = c.ringtap_packet_wire_bytes(packet);
        const total = totals.getPtr(protocol);
        total.packets += packets;
        total.bytes += bytes;
        add(&packets_total, protocol, packets);
        add(&bytes_total, protocol, bytes);
    }
}

fn report(now_ns: u64) void {
    for (protocols) |protocol| {
        const total = totals.get(protocol);
        if (total.packets == 0) continue;
        const row = c.ringtap_row_new("protocol", now_ns);
        c.ringtap_row_text(row, "protocol", @tagName(protocol));
        c.ringtap_row_uint(row, "packets", total.packets);
        c.ringtap_row_uint(row, "bytes", total.bytes);
        c.ringtap_row_emit(row);
    }
}

/// Called about every second, as the description asks for.
fn tick(now_ns: u64) void {
    if (reported_ns == 0) reported_ns = now_ns;
    if (now_ns - reported_ns >= report_every_ns) {
        reported_ns = now_ns;
        report(now_ns);
    }
}

/// What is known goes to the version that replaces this one.
fn save(out: *c.ringtap_writer) c.ringtap_error {
    c.ringtap_write_u64(out, reported_ns);
    for (protocols) |protocol| {
        const total = totals.get(protocol);
        c.ringtap_write_u64(out, total.packets);
        c.ringtap_write_u64(out, total.bytes);
    }
    return null;
}

fn restore(form: u32, saved: *c.ringtap_reader) c.ringtap_error {
    _ = form;
    reported_ns = c.ringtap_read_u64(saved);
    for (protocols) |protocol| {
        const total = totals.getPtr(protocol);
        total.packets = c.ringtap_read_u64(saved);
        total.bytes = c.ringtap_read_u64(saved);
    }
    if (!c.ringtap_reader_is_done(saved)) return "the saved totals are damaged";
    return null;
}

comptime {
    ringtap.exportLifecycle(.{
        .description = &description,
        .init = init,
        .tick = tick,
        .stop = report,
    });
    ringtap.exportAggregate(onPackets);
    ringtap.exportState(save, restore);
}
