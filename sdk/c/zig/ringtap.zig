//! ringtap's SDK for Zig: the C SDK as `zig translate-c` reads it, and what takes the place of the
//! header's macros.
//!
//! ```
//! const ringtap = @import("ringtap");
//! const c = ringtap.c;
//!
//! const description = c.ringtap_description{ .name = "bytes", .version = "1.0.0" };
//!
//! comptime {
//!     ringtap.exportLifecycle(.{ .description = &description, .init = init });
//!     ringtap.exportAggregate(onPackets);
//! }
//! ```

/// The headers of `sdk/c/include`.
pub const c = @import("c");

const package = "ringtap:plugin/";
const version = "@0.1.0#";

/// What every plugin has.
pub const Lifecycle = struct {
    description: *const c.ringtap_description,
    init: fn (config: []const u8) c.ringtap_error,
    tick: ?fn (now_ns: u64) void = null,
    stop: ?fn (now_ns: u64) void = null,
};

/// Required, once.
pub fn exportLifecycle(comptime lifecycle: Lifecycle) void {
    const Glue = struct {
        fn init(config: c.ringtap_text) callconv(.c) c.ringtap_error {
            return lifecycle.init(bytesOf(config));
        }
        fn tick(now_ns: u64) callconv(.c) void {
            if (lifecycle.tick) |function| function(now_ns);
        }
        fn stop(now_ns: u64) callconv(.c) void {
            if (lifecycle.stop) |function| function(now_ns);
        }
    };
    const Exports = struct {
        fn describe() callconv(.c) ?*const anyopaque {
            return c.ringtap_describe_(lifecycle.description);
        }
        fn init(config: [*c]const u8, len: usize) callconv(.c) ?*const anyopaque {
            return c.ringtap_init_(Glue.init, config, len);
        }
        fn tick(now_ns: u64) callconv(.c) void {
            c.ringtap_tick_(Glue.tick, now_ns);
        }
        fn stop(now_ns: u64) callconv(.c) void {
            c.ringtap_tick_(Glue.stop, now_ns);
        }
    };
    exportAnswer("lifecycle", "describe", &Exports.describe);
    exportAnswer("lifecycle", "init", &Exports.init);
    exportAs("lifecycle", "tick", &Exports.tick);
    exportAs("lifecycle", "stop", &Exports.stop);
}

/// The role that takes packets.
pub fn exportAggregate(comptime on_packets: fn (batch: *const c.ringtap_batch) void) void {
    const Glue = struct {
        fn onPackets(batch: [*c]const c.ringtap_batch) callconv(.c) void {
            on_packets(batch);
        }
        fn of(
            sequence: u64,
            shed_before: u64,
            clock_offset_ns: i64,
            record_size: u32,
            count: u32,
            records: [*c]const u8,
            records_len: usize,
            payload: [*c]const u8,
            payload_len: usize,
        ) callconv(.c) void {
            // zig fmt: off
            const batch = c.ringtap_batch_of_(sequence, shed_before, clock_offset_ns, record_size,
                count, records, records_len, payload, payload_len);
            // zig fmt: on
            c.ringtap_on_packets_(onPackets, &batch);
        }
    };
    exportAs("aggregate", "on-packets", &Glue.of);
}

/// The role that takes packets and says of each whether it goes on.
pub fn exportFilter(comptime keep: fn (packet: c.ringtap_packet) bool) void {
    const Glue = struct {
        fn keepOne(packet: c.ringtap_packet) callconv(.c) bool {
            return keep(packet);
        }
        fn of(
            sequence: u64,
            shed_before: u64,
            clock_offset_ns: i64,
            record_size: u32,
            count: u32,
            records: [*c]const u8,
            records_len: usize,
            payload: [*c]const u8,
            payload_len: usize,
        ) callconv(.c) ?*const anyopaque {
            // zig fmt: off
            const batch = c.ringtap_batch_of_(sequence, shed_before, clock_offset_ns, record_size,
                count, records, records_len, payload, payload_len);
            // zig fmt: on
            return c.ringtap_keep_(keepOne, &batch);
        }
    };
    exportAnswer("filter", "keep", &Glue.of);
}

/// The role that takes the events of the plugins that are configured as its `input`.
pub fn exportExporter(comptime on_events: fn (rows: []const c.ringtap_received) void) void {
    const Glue = struct {
        fn onEvents(rows: [*c]const c.ringtap_received, count: usize) callconv(.c) void {
            on_events(rows[0..count]);
        }
        fn of(rows: [*c]const c.ringtap_received, count: usize) callconv(.c) void {
            c.ringtap_on_events_(onEvents, rows, count);
        }
    };
    exportAs("exporter", "on-events", &Glue.of);
}

/// The role that hands what the plugin knows to the version that replaces it, beside any other.
pub fn exportState(
    comptime save: fn (out: *c.ringtap_writer) c.ringtap_error,
    comptime restore: fn (schema: u32, saved: *c.ringtap_reader) c.ringtap_error,
) void {
    const Glue = struct {
        fn saveTo(out: [*c]c.ringtap_writer) callconv(.c) c.ringtap_error {
            return save(out);
        }
        fn restoreFrom(schema: u32, saved: [*c]c.ringtap_reader) callconv(.c) c.ringtap_error {
            return restore(schema, saved);
        }
    };
    const Exports = struct {
        fn onSave() callconv(.c) ?*const anyopaque {
            return c.ringtap_save_(Glue.saveTo);
        }
        fn onRestore(schema: u32, saved: [*c]const u8, len: usize) callconv(.c) ?*const anyopaque {
            return c.ringtap_restore_(Glue.restoreFrom, schema, saved, len);
        }
    };
    exportAnswer("state", "save", &Exports.onSave);
    exportAnswer("state", "restore", &Exports.onRestore);
}

/// A family of series, in place of the header's macros: `.{ .family = ringtap.family(…) }`.
pub fn family(
    comptime name: [:0]const u8,
    comptime help: [:0]const u8,
    comptime labels: []const [:0]const u8,
) c.ringtap_family {
    var made: c.ringtap_family = .{ .name = name, .help = help };
    for (labels, 0..) |label, i| made.labels[i] = label;
    return made;
}

/// Gives back what `ringtap_alloc` and its like have given.
pub extern fn free(memory: ?*anyopaque) void;

/// As Zig has bytes.
pub fn bytesOf(text: c.ringtap_text) []const u8 {
    return text.data[0..text.len];
}

/// The packets of a batch, in order.
pub const Packets = struct {
    batch: *const c.ringtap_batch,
    number: u32 = 0,

    pub fn next(packets: *Packets) ?c.ringtap_packet {
        if (packets.number == packets.batch.count) return null;
        defer packets.number += 1;
        return c.ringtap_packet_at(packets.batch, packets.number);
    }
};

/// What a function of the C SDK writes where it answers true, and otherwise nothing:
/// `ringtap.asked(u16, c.ringtap_packet_dst_port, packet)`.
pub fn asked(comptime T: type, comptime ask: anytype, packet: c.ringtap_packet) ?T {
    var value: T = undefined;
    return if (ask(packet, &value)) value else null;
}

fn exportAs(comptime interface: []const u8, comptime name: []const u8, comptime function: anytype) void {
    @export(function, .{ .name = package ++ interface ++ version ++ name });
}

/// With what the host calls when it has read the answer.
fn exportAnswer(comptime interface: []const u8, comptime name: []const u8, comptime function: anytype) void {
    const Post = struct {
        fn returned(answer: ?*const anyopaque) callconv(.c) void {
            c.ringtap_returned_(answer);
        }
    };
    exportAs(interface, name, function);
    @export(&Post.returned, .{ .name = "cabi_post_" ++ package ++ interface ++ version ++ name });
}
