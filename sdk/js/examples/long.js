import { definePlugin, emit, text } from "@ringtap/plugin";

/** Long flows only, by another name and without addresses. */
export const { lifecycle, exporter } = definePlugin({
  name: "long",
  version: "1.0.0",
  init: () => ({
    onEvents(events) {
      for (const { plugin, event } of events) {
        const first = event.uint("first_ns");
        const last = event.uint("last_ns");
        if (first === undefined || last === undefined || last - first < 1_000_000_000n) continue;
        const row = event.withKind("long_flow").with("from", text(plugin));
        emit(row.without("src").without("dst"));
      }
    },
  }),
});
