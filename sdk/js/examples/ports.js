import { definePlugin } from "@ringtap/plugin";

/** Ports that somebody was seen to listen on. */
export const { lifecycle, aggregate, state } = definePlugin({
  name: "ports",
  version: "1.0.0",
  stateSchema: { writes: 1 },
  init() {
    /** @type {Set<number>} */
    let ports = new Set();
    return {
      onPackets(batch) {
        for (const packet of batch) if (packet.dstPort !== undefined) ports.add(packet.dstPort);
      },
      save: () => Uint8Array.from([...ports].flatMap((port) => [port & 255, port >> 8])),
      restore(_schema, saved) {
        if (saved.length % 2 !== 0) throw new Error("the saved ports end in the middle of one");
        ports = new Set();
        for (let i = 0; i < saved.length; i += 2) ports.add(saved[i] | (saved[i + 1] << 8));
      },
    };
  },
});
