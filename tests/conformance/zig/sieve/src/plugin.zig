//! The plugin `sieve` of tests/conformance: TCP packets of one host.
const ringtap = @import("ringtap");
const c = ringtap.c;

var host: c.ringtap_address = .{};
var kept: [*c]c.ringtap_counter = null;

const description = c.ringtap_description{ .name = "sieve", .version = "1.0.0" };

fn init(text: []const u8) c.ringtap_error {
    var config: c.ringtap_config = undefined;
    c.ringtap_config_read(&config, .{ .data = text.ptr, .len = text.len });
    const name = c.ringtap_config_text(&config, "host", "198.51.100.1");
    if (c.ringtap_config_finish(&config)) |refusal| return refusal;
    if (!c.ringtap_address_parse(name, &host)) {
        return c.ringtap_concat_("config key `host`: ", name.data, " is no IP address", end);
    }
    return c.ringtap_counter_new(&kept, "sieve_kept_total", "Packets that were kept.", null, 0);
}

/// Behind the last part of a text.
const end: [*c]const u8 = null;

fn isHost(address: ?c.ringtap_address) bool {
    return if (address) |known| c.ringtap_address_equal(&known, &host) else false;
}

fn keep(packet: c.ringtap_packet) bool {
    const protocol = ringtap.asked(u8, c.ringtap_packet_protocol, packet) orelse return false;
    const is_hosts = isHost(ringtap.asked(c.ringtap_address, c.ringtap_packet_src, packet)) or
        isHost(ringtap.asked(c.ringtap_address, c.ringtap_packet_dst, packet));
    if (protocol != 6 or !is_hosts) return false;
    c.ringtap_counter_add(kept, c.ringtap_packet_packets(packet));
    return true;
}

comptime {
    ringtap.exportLifecycle(.{ .description = &description, .init = init });
    ringtap.exportFilter(keep);
}
