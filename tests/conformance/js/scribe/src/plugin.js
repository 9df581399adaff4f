/** Copies every event that it is given. */

import { Config, Counter, Event, definePlugin, emit, text } from "@ringtap/plugin";

/** @import { Received, Value } from "@ringtap/plugin" */

class Scribe {
  events = Counter.family("scribe_events_total", "Events by kind.", ["kind"]);

  /** @param {Received[]} events */
  onEvents(events) {
    for (const { plugin, event } of events) {
      this.events.with(event.kind).inc();
      /** @type {Array<[string, Value]>} */
      const fields = [["from", text(plugin)], ["was", text(event.kind)], ...event.fields];
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
