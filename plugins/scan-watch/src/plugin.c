// Who touches unusually many hosts or ports.
//
// An attempt is a TCP packet that asks for a connection (SYN without ACK) or an ICMP echo request.
// Of each source, the plugin estimates how many different hosts it attempted to reach, and how many
// different TCP ports, within an interval. The first time in an interval that a source goes over a
// limit, it emits the event `scan`:
//
// - `src`: the source;
// - `by`: `hosts` or `ports`, the limit that it went over;
// - `hosts`, `ports`: the estimates at that time;
// - `attempts`: of the interval so far, and `since_ns`: the first of them;
// - `last_dst`, `last_port`: where the last attempt went.
//
// A source is told once in an interval. Estimates are within a few percent (src/sketch.h).
//
// Metrics:
// - `scan_watch_attempts_total{protocol}`: attempts, `tcp` or `icmp`;
// - `scan_watch_scans_total{by}`: events, by the limit;
// - `scan_watch_sources`: sources in the table. An interval begins with an empty one;
// - `scan_watch_untracked_attempts_total`: of sources that found no room in it. When this grows,
// what
//   is told is not all there was: somebody may be forging addresses. Make `sources` larger.
//
// Where the operator has it see a sample of the packets, hosts and ports that were left out are not
// known to it, so scans are told later or not at all. Attempts in the metrics are scaled up.
//
// A reload keeps the table. Config, with its defaults:
//
//     hosts = 100      # different hosts in an interval, 1 to 1000
//     ports = 50       # different TCP ports in an interval, 1 to 1000
//     interval = 60    # seconds
//     sources = 4096   # places in the table, 16 to 16384; about 600 bytes of memory each
//     ignore = ""      # sources that may scan, such as "192.0.2.7, 2001:db8::7"; at most 16
#include "plugin.h"

#include <ringtap.h>

enum { TCP = 6, ICMP = 1, ICMP6 = 58, ECHO_REQUEST = 8, ECHO_REQUEST6 = 128 };

static struct {
    settings settings;
    /// When the interval began; 0 before the first tick.
    uint64_t since_ns;
    ringtap_counter *tcp;
    ringtap_counter *icmp;
    ringtap_counter *scans_by_hosts;
    ringtap_counter *scans_by_ports;
    ringtap_counter *untracked;
    ringtap_gauge *sources;
} watch;

// Nobody else's packets are published to the plugin.
static const ringtap_interest interests[] = {
    {.name = "attempts", .filter = "tcp-flags syn,!ack"},
    {.name = "echo", .filter = "icmp or icmp6"},
};
static const ringtap_state_schema schema = {.writes = 1, .reads_from = 1};
static const ringtap_description description = {
    .name = "scan-watch",
    .version = "0.1.0",
    .tick_ms = 1000,
    .interests = interests,
    .interest_count = 2,
    .state = &schema,
};

static ringtap_error counter(ringtap_counter **out, const char *name, const char *help,
                             const char *label, const char *value) {
    ringtap_label labels[] = {{label, value}};
    return ringtap_counter_new(out, name, help, labels, 1);
}

/// All series are there from the beginning, so that a rate of 0 is seen as one.
static ringtap_error define(void) {
    static const char attempts[] = "scan_watch_attempts_total";
    static const char attempts_help[] = "Attempts to reach a host.";
    static const char scans[] = "scan_watch_scans_total";
    static const char scans_help[] = "Sources that went over a limit, in all intervals.";
    ringtap_error error = counter(&watch.tcp, attempts, attempts_help, "protocol", "tcp");
    if (error == NULL) {
        error = counter(&watch.icmp, attempts, attempts_help, "protocol", "icmp");
    }
    if (error == NULL) {
        error = counter(&watch.scans_by_hosts, scans, scans_help, "by", "hosts");
    }
    if (error == NULL) {
        error = counter(&watch.scans_by_ports, scans, scans_help, "by", "ports");
    }
    if (error == NULL) {
        error = ringtap_counter_new(&watch.untracked, "scan_watch_untracked_attempts_total",
                                    "Attempts of sources that found no room.", NULL, 0);
    }
    if (error == NULL) {
        error = ringtap_gauge_new(&watch.sources, "scan_watch_sources", "Sources in the table.",
                                  NULL, 0);
    }
    return error;
}

static ringtap_error init(ringtap_text text) {
    ringtap_report_panics();
    ringtap_error error = settings_read(&watch.settings, text);
    if (error != NULL) {
        return error;
    }
    watch.since_ns = 0;
    // Whoever sends the packets must not know how the table and the sketches hash them.
    sources_init(watch.settings.sources, ringtap_random());
    return define();
}

/// Whether a packet is an attempt, and how.
static bool is_attempt(ringtap_packet packet, attempt *out) {
    uint8_t protocol;
    uint8_t type;
    uint16_t flags;
    bool has_ends = ringtap_packet_src(packet, &out->src) &&
                    ringtap_packet_dst(packet, &out->dst) &&
                    ringtap_packet_protocol(packet, &protocol);
    if (!has_ends) {
        return false;
    }
    out->has_port = protocol == TCP && ringtap_packet_dst_port(packet, &out->port);
    if (out->has_port) {
        return ringtap_packet_tcp_flags(packet, &flags) && (flags & RINGTAP_TCP_SYN) != 0 &&
               (flags & RINGTAP_TCP_ACK) == 0;
    }
    return ringtap_packet_icmp_type(packet, &type) &&
           ((protocol == ICMP && type == ECHO_REQUEST) ||
            (protocol == ICMP6 && type == ECHO_REQUEST6));
}

static void tell(const source *source, const attempt *attempt, bool is_by_hosts) {
    char text[RINGTAP_ADDRESS_TEXT];
    ringtap_row *row = ringtap_row_new("scan", attempt->time_ns);
    ringtap_row_text(row, "src", ringtap_address_text(source->address, text));
    ringtap_row_text(row, "by", is_by_hosts ? "hosts" : "ports");
    ringtap_row_uint(row, "hosts", sketch_estimate(&source->hosts));
    ringtap_row_uint(row, "ports", sketch_estimate(&source->ports));
    ringtap_row_uint(row, "attempts", source->attempts);
    ringtap_row_uint(row, "since_ns", source->since_ns);
    ringtap_row_text(row, "last_dst", ringtap_address_text(attempt->dst, text));
    if (attempt->has_port) {
        ringtap_row_uint(row, "last_port", attempt->port);
    }
    ringtap_row_emit(row);
    ringtap_counter_inc(is_by_hosts ? watch.scans_by_hosts : watch.scans_by_ports);
}

static void note(const attempt *attempt, uint64_t packets) {
    source *source = sources_find_or_add(&attempt->src, attempt->time_ns);
    if (source == NULL) {
        ringtap_counter_add(watch.untracked, packets);
        return;
    }
    source->attempts += packets;
    source_note(source, attempt);
    if (source->is_told) {
        return;
    }
    bool is_by_hosts = sketch_estimate(&source->hosts) > watch.settings.hosts;
    if (is_by_hosts || sketch_estimate(&source->ports) > watch.settings.ports) {
        source->is_told = true;
        tell(source, attempt, is_by_hosts);
    }
}

static void on_packets(const ringtap_batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        ringtap_packet packet = ringtap_packet_at(batch, i);
        attempt attempt;
        if (!is_attempt(packet, &attempt)) {
            continue;
        }
        attempt.time_ns = ringtap_packet_time_ns(packet);
        uint64_t packets = ringtap_packet_packets(packet);
        ringtap_counter_add(attempt.has_port ? watch.tcp : watch.icmp, packets);
        if (!settings_ignore(&watch.settings, &attempt.src)) {
            note(&attempt, packets);
        }
    }
    ringtap_gauge_set(watch.sources, sources_count());
}

static void tick(uint64_t now_ns) {
    if (watch.since_ns == 0) {
        watch.since_ns = now_ns;
    }
    if (now_ns - watch.since_ns >= watch.settings.interval_ns) {
        watch.since_ns = now_ns;
        sources_clear();
        ringtap_gauge_set(watch.sources, 0);
    }
}

static ringtap_error save(ringtap_writer *out) {
    ringtap_write_u64(out, watch.since_ns);
    sources_save(out);
    return NULL;
}

static ringtap_error restore(uint32_t form, ringtap_reader *saved) {
    (void)form;
    watch.since_ns = ringtap_read_u64(saved);
    return sources_restore(saved) ? NULL : "the saved sources are damaged";
}

RINGTAP_EXPORT_LIFECYCLE(&description, init, tick, NULL)
RINGTAP_EXPORT_AGGREGATE(on_packets)
RINGTAP_EXPORT_STATE(save, restore)
