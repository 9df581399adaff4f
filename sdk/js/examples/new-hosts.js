import { Event, definePlugin, emit, kv, text } from "@ringtap/plugin";

/** Hosts that are new to us, for the first time ever. */
export const { lifecycle, aggregate } = definePlugin({
  name: "new-hosts",
  version: "1.0.0",
  init() {
    // Each access is a call of the host: what was read is kept.
    const known = new Set(kv.keys("host/"));
    return {
      onPackets(batch) {
        for (const { src, timeNs } of batch) {
          if (src === undefined || known.has(`host/${src}`)) continue;
          known.add(`host/${src}`);
          kv.set(`host/${src}`, new Uint8Array(0));
          emit(new Event("new_host", timeNs, { host: text(src) }));
        }
      },
    };
  },
});
