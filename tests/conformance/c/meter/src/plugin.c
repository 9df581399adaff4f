// The plugin `meter` of tests/conformance: packets and bytes by destination.
#include <ringtap.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    ringtap_address address;
    uint64_t bytes;
    uint64_t packets;
    ringtap_counter *counter;
} destination;

static struct {
    uint64_t limit;
    uint64_t trap_after;
    uint64_t records;
    /// In the order in which they came, and where to find them by a hash of the address.
    destination *destinations;
    uint32_t count;
    uint32_t *places;
    uint32_t mask;
} meter;

static ringtap_histogram *sizes;
static ringtap_gauge *known;
static ringtap_counter *others;
static ringtap_counter_family bytes =
    RINGTAP_FAMILY("meter_bytes_total", "Bytes by destination.", "dst");

static const ringtap_interest interests[] = {
    {.name = "all"},
    {.name = "dns", .filter = "udp port 53", .payload = 512},
};
static const ringtap_state_schema schema = {.writes = 1, .reads_from = 1};
static const ringtap_description description = {
    .name = "meter",
    .version = "1.0.0",
    .tick_ms = 1000,
    .interests = interests,
    .interest_count = 2,
    .state = &schema,
};

static void unless(ringtap_error error) {
    if (error != NULL) {
        ringtap_panic(error);
    }
}

static ringtap_error define(void) {
    static const double bounds[] = {64, 128, 256, 512, 1024, 1518};
    ringtap_error error = ringtap_histogram_new(&sizes, "meter_packet_bytes", "Sizes of packets.",
                                                bounds, 6, NULL, 0);
    if (error != NULL) {
        return error;
    }
    return ringtap_gauge_new(&known, "meter_destinations", "Destinations that are known.", NULL, 0);
}

static ringtap_error init(ringtap_text text) {
    ringtap_config config;
    ringtap_config_read(&config, text);
    meter.limit = ringtap_config_integer(&config, "limit", 1000, 1, 100000);
    meter.trap_after = ringtap_config_integer(&config, "trap_after", 0, 0, 1000000000);
    ringtap_error error = ringtap_config_finish(&config);
    if (error != NULL) {
        return error;
    }
    uint32_t places = 1024;
    while (places < 2 * meter.limit) {
        places *= 2;
    }
    meter.mask = places - 1;
    meter.places = ringtap_alloc_zeroed(places, sizeof *meter.places);
    meter.destinations = ringtap_alloc_zeroed(meter.limit, sizeof *meter.destinations);
    char number[RINGTAP_NUMBER_TEXT];
    ringtap_info(ringtap_concat("meter starts with limit ", ringtap_u64_text(meter.limit, number)));
    return define();
}

/// The finisher of SplitMix64 (Steele, Lea and Flood, 2014).
static uint64_t mixed(uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

static uint32_t hash_of(const ringtap_address *address) {
    uint64_t halves[2];
    memcpy(halves, address->bytes, sizeof halves);
    return (uint32_t)mixed(mixed(halves[0] + address->version) ^ halves[1]);
}

/// Where the number of a destination is, counted from 1, or where it would be: 0 stands there.
static uint32_t *place_of(const ringtap_address *address) {
    uint32_t place = hash_of(address) & meter.mask;
    while (meter.places[place] != 0 &&
           !ringtap_address_equal(&meter.destinations[meter.places[place] - 1].address, address)) {
        place = (place + 1) & meter.mask;
    }
    return &meter.places[place];
}

static destination *add(const ringtap_address *address, uint32_t *place) {
    destination *added = &meter.destinations[meter.count++];
    *added = (destination){.address = *address};
    *place = meter.count;
    return added;
}

static ringtap_counter *counter_of(destination *destination) {
    if (destination->counter == NULL) {
        char text[RINGTAP_ADDRESS_TEXT];
        ringtap_address_text(destination->address, text);
        unless(ringtap_counter_with(&bytes, &destination->counter, text));
    }
    return destination->counter;
}

static void count(ringtap_packet packet, const ringtap_address *dst) {
    uint64_t wire_bytes = ringtap_packet_wire_bytes(packet);
    uint32_t *place = place_of(dst);
    if (*place == 0 && meter.count == meter.limit) {
        if (others == NULL) {
            unless(ringtap_counter_with(&bytes, &others, "other"));
        }
        ringtap_counter_add(others, wire_bytes);
        return;
    }
    destination *to = *place == 0 ? add(dst, place) : &meter.destinations[*place - 1];
    to->bytes += wire_bytes;
    to->packets += ringtap_packet_packets(packet);
    ringtap_counter_add(counter_of(to), wire_bytes);
}

static void tell_dns(ringtap_packet packet) {
    char text[RINGTAP_ADDRESS_TEXT];
    ringtap_address address;
    uint16_t port;
    ringtap_bytes payload = ringtap_packet_payload(packet);
    ringtap_row *row = ringtap_row_new("dns", ringtap_packet_time_ns(packet));
    if (ringtap_packet_src(packet, &address)) {
        ringtap_row_text(row, "src", ringtap_address_text(address, text));
    }
    if (ringtap_packet_dst(packet, &address)) {
        ringtap_row_text(row, "dst", ringtap_address_text(address, text));
    }
    if (ringtap_packet_src_port(packet, &port)) {
        ringtap_row_uint(row, "src_port", port);
    }
    ringtap_row_bytes(row, "payload", payload);
    ringtap_row_truth(row, "is_answer", payload.len > 2 && (payload.data[2] & 0x80) != 0);
    ringtap_row_emit(row);
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        meter.records++;
        if (meter.trap_after > 0 && meter.records == meter.trap_after) {
            ringtap_panic("told to");
        }
        ringtap_histogram_observe(sizes, ringtap_packet_wire_len(packet));
        ringtap_address dst;
        if (ringtap_packet_dst(packet, &dst)) {
            count(packet, &dst);
        }
        if (ringtap_packet_matches(packet, 1)) {
            tell_dns(packet);
        }
    }
    ringtap_gauge_set(known, meter.count);
}

static void tick(uint64_t now_ns) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < meter.count; i++) {
        all += meter.destinations[i].bytes;
    }
    ringtap_row *row = ringtap_row_new("tick", now_ns);
    ringtap_row_uint(row, "destinations", meter.count);
    ringtap_row_uint(row, "records", meter.records);
    double first = meter.count == 0 ? 0 : (double)meter.destinations[0].bytes;
    ringtap_row_float(row, "share", all == 0 ? 0 : first / (double)all);
    ringtap_row_emit(row);
}

static void stop(uint64_t now_ns) {
    char text[RINGTAP_ADDRESS_TEXT];
    for (uint32_t i = 0; i < meter.count; i++) {
        const destination *to = &meter.destinations[i];
        ringtap_row *row = ringtap_row_new("total", now_ns);
        ringtap_row_text(row, "dst", ringtap_address_text(to->address, text));
        ringtap_row_uint(row, "bytes", to->bytes);
        ringtap_row_uint(row, "packets", to->packets);
        ringtap_row_int(row, "delta", (int64_t)(to->packets - to->bytes));
        ringtap_row_emit(row);
    }
}

static ringtap_error save(ringtap_writer *out) {
    static const uint8_t zeros[12] = {0};
    ringtap_write_u64(out, meter.records);
    ringtap_write_u32(out, meter.count);
    for (uint32_t i = 0; i < meter.count; i++) {
        const destination *to = &meter.destinations[i];
        ringtap_write_u8(out, to->address.version);
        if (to->address.version == 4) {
            ringtap_write_bytes(out, zeros, 12);
            ringtap_write_bytes(out, to->address.bytes, 4);
        } else {
            ringtap_write_bytes(out, to->address.bytes, 16);
        }
        ringtap_write_u64(out, to->bytes);
        ringtap_write_u64(out, to->packets);
    }
    return NULL;
}

static bool read_address(ringtap_reader *saved, ringtap_address *out) {
    static const uint8_t zeros[12] = {0};
    uint8_t bytes[16];
    *out = (ringtap_address){.version = ringtap_read_u8(saved)};
    ringtap_read_bytes(saved, bytes, 16);
    if (out->version == 4 && memcmp(bytes, zeros, 12) == 0) {
        memcpy(out->bytes, bytes + 12, 4);
        return true;
    }
    memcpy(out->bytes, bytes, 16);
    return out->version == 6;
}

/// Numbers of destinations by their addresses, for as many as were saved: more than the limit,
/// maybe.
typedef struct {
    ringtap_address *all;
    uint32_t *places;
    uint32_t mask;
} seen;

static bool is_new(const seen *seen, uint32_t number) {
    uint32_t place = hash_of(&seen->all[number]) & seen->mask;
    while (seen->places[place] != 0) {
        if (ringtap_address_equal(&seen->all[seen->places[place] - 1], &seen->all[number])) {
            return false;
        }
        place = (place + 1) & seen->mask;
    }
    seen->places[place] = number + 1;
    return true;
}

static ringtap_error restore(uint32_t from, ringtap_reader *saved) {
    static const char damaged[] = "the saved state is damaged";
    (void)from;
    uint64_t records = ringtap_read_u64(saved);
    uint32_t saved_count = ringtap_read_u32(saved);
    if (saved->is_short || saved->left != (uint64_t)saved_count * 33) {
        return damaged;
    }
    seen seen = {.mask = 1};
    while (seen.mask < saved_count) {
        seen.mask = seen.mask * 2 + 1;
    }
    seen.mask = seen.mask * 2 + 1;
    seen.all = ringtap_call_alloc(saved_count * sizeof *seen.all);
    seen.places = ringtap_call_alloc((seen.mask + 1) * sizeof *seen.places);
    memset(seen.places, 0, (seen.mask + 1) * sizeof *seen.places);
    for (uint32_t i = 0; i < saved_count; i++) {
        bool is_valid = read_address(saved, &seen.all[i]) && is_new(&seen, i);
        uint64_t saved_bytes = ringtap_read_u64(saved);
        uint64_t packets = ringtap_read_u64(saved);
        if (!is_valid) {
            return damaged;
        }
        if (meter.count < meter.limit) {
            destination *to = add(&seen.all[i], place_of(&seen.all[i]));
            to->bytes = saved_bytes;
            to->packets = packets;
        }
    }
    meter.records = records;
    return NULL;
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, tick, stop)
RINGTAP_EXPORT_AGGREGATE(on_packets)
RINGTAP_EXPORT_STATE(save, restore)
