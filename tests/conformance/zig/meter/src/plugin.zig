//! The plugin `meter` of tests/conformance: packets and bytes by destination.
const std = @import("std");
const ringtap = @import("ringtap");
const Table = @import("table.zig").Table;
const c = ringtap.c;

const interests = [_]c.ringtap_interest{
    .{ .name = "all" },
    .{ .name = "dns", .filter = "udp port 53", .payload = 512 },
};
const schema = c.ringtap_state_schema{ .writes = 1, .reads_from = 1 };
const description = c.ringtap_description{
    .name = "meter",
    .version = "1.0.0",
    .tick_ms = 1000,
    .interests = &interests,
    .interest_count = interests.len,
    .state = &schema,
};

var limit: u64 = 0;
var trap_after: u64 = 0;
var records: u64 = 0;
var known: Table = .{};

var sizes: [*c]c.ringtap_histogram = null;
var destinations: [*c]c.ringtap_gauge = null;
var bytes_total = c.ringtap_counter_family{
    .family = ringtap.family("meter_bytes_total", "Bytes by destination.", &.{"dst"}),
};

fn init(text: []const u8) c.ringtap_error {
    var config: c.ringtap_config = undefined;
    c.ringtap_config_read(&config, .{ .data = text.ptr, .len = text.len });
    limit = c.ringtap_config_integer(&config, "limit", 1000, 1, 100000);
    trap_after = c.ringtap_config_integer(&config, "trap_after", 0, 0, 1000000000);
    if (c.ringtap_config_finish(&config)) |refusal| return refusal;
    var number: [c.RINGTAP_NUMBER_TEXT]u8 = undefined;
    const end: [*c]const u8 = null;
    const shown = c.ringtap_u64_text(limit, &number);
    c.ringtap_info(c.ringtap_concat_("meter starts with limit ", shown, end));
    return define();
}

fn define() c.ringtap_error {
    const bounds = [_]f64{ 64, 128, 256, 512, 1024, 1518 };
    const help = "Sizes of packets.";
    const name = "meter_packet_bytes";
    const refusal = c.ringtap_histogram_new(&sizes, name, help, &bounds, bounds.len, null, 0);
    if (refusal != null) return refusal;
    const gauge_help = "Destinations that are known.";
    return c.ringtap_gauge_new(&destinations, "meter_destinations", gauge_help, null, 0);
}

fn counterOf(dst: [*c]const u8) [*c]c.ringtap_counter {
    var counter: [*c]c.ringtap_counter = null;
    const refusal = c.ringtap_counter_with_(&bytes_total, &counter, &[_][*c]const u8{dst});
    if (refusal != null) c.ringtap_panic(refusal);
    return counter;
}

fn count(packet: c.ringtap_packet, dst: c.ringtap_address) void {
    const bytes = c.ringtap_packet_wire_bytes(packet);
    const to = known.find(dst) orelse add: {
        if (known.len == limit) {
            return c.ringtap_counter_add(counterOf("other"), bytes);
        }
        break :add known.add(dst);
    };
    if (to.counter == null) {
        var text: [c.RINGTAP_ADDRESS_TEXT]u8 = undefined;
        to.counter = counterOf(c.ringtap_address_text(dst, &text));
    }
    to.bytes += bytes;
    to.packets += c.ringtap_packet_packets(packet);
    c.ringtap_counter_add(to.counter, bytes);
}

fn addAddress(row: [*c]c.ringtap_row, name: [*c]const u8, address: c.ringtap_address) void {
    var text: [c.RINGTAP_ADDRESS_TEXT]u8 = undefined;
    c.ringtap_row_text(row, name, c.ringtap_address_text(address, &text));
}

fn tellDns(packet: c.ringtap_packet) void {
    const payload = c.ringtap_packet_payload(packet);
    const row = c.ringtap_row_new("dns", c.ringtap_packet_time_ns(packet));
    if (ringtap.asked(c.ringtap_address, c.ringtap_packet_src, packet)) |src| {
        addAddress(row, "src", src);
    }
    if (ringtap.asked(c.ringtap_address, c.ringtap_packet_dst, packet)) |dst| {
        addAddress(row, "dst", dst);
    }
    if (ringtap.asked(u16, c.ringtap_packet_src_port, packet)) |port| {
        c.ringtap_row_uint(row, "src_port", port);
    }
    c.ringtap_row_bytes(row, "payload", payload);
    c.ringtap_row_truth(row, "is_answer", payload.len > 2 and payload.data[2] & 0x80 != 0);
    c.ringtap_row_emit(row);
}

fn onPackets(batch: *const c.ringtap_batch) void {
    var packets = ringtap.Packets{ .batch = batch };
    while (packets.next()) |packet| {
        records += 1;
        if (trap_after > 0 and records == trap_after) c.ringtap_panic("told to");
        c.ringtap_histogram_observe(sizes, @floatFromInt(c.ringtap_packet_wire_len(packet)));
        if (ringtap.asked(c.ringtap_address, c.ringtap_packet_dst, packet)) |dst| {
            count(packet, dst);
        }
        if (c.ringtap_packet_matches(packet, 1)) tellDns(packet);
    }
    c.ringtap_gauge_set(destinations, @floatFromInt(known.len));
}

fn tick(now_ns: u64) void {
    var all: u64 = 0;
    for (known.slice()) |to| all += to.bytes;
    const row = c.ringtap_row_new("tick", now_ns);
    c.ringtap_row_uint(row, "destinations", known.len);
    c.ringtap_row_uint(row, "records", records);
    const share: f64 = if (all == 0) 0 else share: {
        const first: f64 = @floatFromInt(known.slice()[0].bytes);
        break :share first / @as(f64, @floatFromInt(all));
    };
    c.ringtap_row_float(row, "share", share);
    c.ringtap_row_emit(row);
}

fn stop(now_ns: u64) void {
    for (known.slice()) |to| {
        const row = c.ringtap_row_new("total", now_ns);
        addAddress(row, "dst", to.address);
        c.ringtap_row_uint(row, "bytes", to.bytes);
        c.ringtap_row_uint(row, "packets", to.packets);
        c.ringtap_row_int(row, "delta", @bitCast(to.packets -% to.bytes));
        c.ringtap_row_emit(row);
    }
}

fn save(out: *c.ringtap_writer) c.ringtap_error {
    c.ringtap_write_u64(out, records);
    c.ringtap_write_u32(out, known.len);
    for (known.slice()) |to| {
        var bytes: [16]u8 = @splat(0);
        const len: usize = if (to.address.version == 4) 4 else 16;
        @memcpy(bytes[16 - len ..], to.address.bytes[0..len]);
        c.ringtap_write_u8(out, to.address.version);
        c.ringtap_write_bytes(out, &bytes, bytes.len);
        c.ringtap_write_u64(out, to.bytes);
        c.ringtap_write_u64(out, to.packets);
    }
    return null;
}

/// None where it is no address as `save` writes them.
fn readAddress(saved: *c.ringtap_reader) ?c.ringtap_address {
    var address = c.ringtap_address{ .version = c.ringtap_read_u8(saved) };
    var bytes: [16]u8 = undefined;
    c.ringtap_read_bytes(saved, &bytes, bytes.len);
    switch (address.version) {
        4 => {
            if (!std.mem.allEqual(u8, bytes[0..12], 0)) return null;
            @memcpy(address.bytes[0..4], bytes[12..]);
        },
        6 => address.bytes = bytes,
        else => return null,
    }
    return address;
}

fn restore(from: u32, saved: *c.ringtap_reader) c.ringtap_error {
    _ = from;
    const damaged = "the saved state is damaged";
    const saved_records = c.ringtap_read_u64(saved);
    const saved_count = c.ringtap_read_u32(saved);
    if (saved.is_short or saved.left != @as(u64, saved_count) * 33) return damaged;
    // More than the limit, maybe: an address that stands twice is wrong there too.
    var all = Table{};
    defer all.deinit();
    for (0..saved_count) |_| {
        const address = readAddress(saved) orelse return damaged;
        if (all.find(address) != null) return damaged;
        const bytes = c.ringtap_read_u64(saved);
        const packets = c.ringtap_read_u64(saved);
        _ = all.add(address);
        if (known.len < limit) {
            const to = known.add(address);
            to.bytes = bytes;
            to.packets = packets;
        }
    }
    records = saved_records;
    return null;
}

comptime {
    ringtap.exportLifecycle(.{
        .description = &description,
        .init = init,
        .tick = tick,
        .stop = stop,
    });
    ringtap.exportAggregate(onPackets);
    ringtap.exportState(save, restore);
}
