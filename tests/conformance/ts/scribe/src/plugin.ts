/** Copies every event that it is given. */

import { Config, Counter, Event, definePlugin, emit, text } from "@ringtap/plugin";
import type { Instance, Received, Value } from "@ringtap/plugin";

class Scribe implements Instance {
  events = Counter.family("scribe_events_total", "Events by kind.", ["kind"]);

  onEvents(events: Received[]): void {
    for (const { plugin, event } of events) {
      this.events.with(event.kind).inc();
      const fields: Array<[string, Value]> = [
        ["from", text(plugin)],
        ["was", text(event.kind)],
        ...event.fields,
      ];
      emit(new Event("copy", event.timeNs, fields));
    }
  }
}

export const { lifecycle, exporter } = definePlugin({
  name: "scribe",
  version: "1.0.0",
  init(source) {
    Config.parse(source).finish();
    return new Scribe();
  },
});
