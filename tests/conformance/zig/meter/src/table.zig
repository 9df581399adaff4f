//! Destinations, in the order in which they came.
const ringtap = @import("ringtap");
const c = ringtap.c;

pub const Destination = struct {
    address: c.ringtap_address,
    bytes: u64 = 0,
    packets: u64 = 0,
    counter: [*c]c.ringtap_counter = null,
};

/// A list of destinations and where to find them.
pub const Table = struct {
    all: [*]Destination = undefined,
    len: u32 = 0,
    capacity: u32 = 0,
    /// Twice as many as there can be destinations; a number counts from 1, and 0 is none.
    places: [*]u32 = undefined,

    pub fn slice(table: *const Table) []Destination {
        return table.all[0..table.len];
    }

    pub fn find(table: *Table, address: c.ringtap_address) ?*Destination {
        if (table.capacity == 0) return null;
        const number = table.places[table.placeOf(address)];
        return if (number == 0) null else &table.all[number - 1];
    }

    /// One that is not there yet.
    pub fn add(table: *Table, address: c.ringtap_address) *Destination {
        if (table.len == table.capacity) table.grow();
        const added = &table.all[table.len];
        added.* = .{ .address = address };
        table.len += 1;
        table.places[table.placeOf(address)] = table.len;
        return added;
    }

    pub fn deinit(table: *Table) void {
        if (table.capacity == 0) return;
        ringtap.free(table.all);
        ringtap.free(table.places);
    }

    fn placeOf(table: *const Table, address: c.ringtap_address) usize {
        const halves: [2]u64 = @bitCast(address.bytes);
        const mask = @as(usize, table.capacity) * 2 - 1;
        var place: usize = @as(usize, @truncate(mixed(mixed(halves[0]) ^ halves[1]))) & mask;
        while (table.places[place] != 0) : (place = (place + 1) & mask) {
            const there = &table.all[table.places[place] - 1].address;
            if (c.ringtap_address_equal(there, &address)) break;
        }
        return place;
    }

    fn grow(table: *Table) void {
        const is_first = table.capacity == 0;
        table.capacity = if (is_first) 64 else table.capacity * 2;
        const old: ?*anyopaque = if (is_first) null else table.all;
        const all = c.ringtap_realloc(old, table.capacity * @sizeOf(Destination));
        table.all = @ptrCast(@alignCast(all));
        if (!is_first) ringtap.free(table.places);
        const places = c.ringtap_alloc_zeroed(table.capacity * 2, @sizeOf(u32));
        table.places = @ptrCast(@alignCast(places));
        for (table.slice(), 1..) |to, number| {
            table.places[table.placeOf(to.address)] = number;
        }
    }
};

/// The finisher of SplitMix64 (Steele, Lea and Flood, 2014).
fn mixed(seed: u64) u64 {
    var value = (seed ^ seed >> 30) *% 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) *% 0x94d049bb133111eb;
    return value ^ value >> 31;
}
