//! The plugin `scribe` of tests/conformance: a copy of each event.
const ringtap = @import("ringtap");
const c = ringtap.c;

const description = c.ringtap_description{ .name = "scribe", .version = "1.0.0" };

var counted = c.ringtap_counter_family{
    .family = ringtap.family("scribe_events_total", "Events by kind.", &.{"kind"}),
};

fn init(text: []const u8) c.ringtap_error {
    var config: c.ringtap_config = undefined;
    c.ringtap_config_read(&config, .{ .data = text.ptr, .len = text.len });
    return c.ringtap_config_finish(&config);
}

fn onEvents(rows: []const c.ringtap_received) void {
    for (rows) |received| {
        const event = received.event;
        const row = c.ringtap_row_new("copy", event.time_ns);
        c.ringtap_row_text(row, "from", received.plugin.data);
        c.ringtap_row_text(row, "was", event.kind.data);
        for (event.fields[0..event.field_count]) |field| {
            c.ringtap_row_value(row, field.name.data, field.value);
        }
        c.ringtap_row_emit(row);
        count(event.kind.data);
    }
}

fn count(kind: [*c]const u8) void {
    var series: [*c]c.ringtap_counter = null;
    const refusal = c.ringtap_counter_with_(&counted, &series, &[_][*c]const u8{kind});
    if (refusal != null) c.ringtap_panic(refusal);
    c.ringtap_counter_inc(series);
}

comptime {
    ringtap.exportLifecycle(.{ .description = &description, .init = init });
    ringtap.exportExporter(onEvents);
}
