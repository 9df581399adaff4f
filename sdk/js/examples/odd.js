import { definePlugin } from "@ringtap/plugin";

/** Packets between two ports that nobody has registered. */
export const { lifecycle, filter } = definePlugin({
  name: "odd",
  version: "1.0.0",
  init: () => ({
    keep: ({ srcPort = 0, dstPort = 0 }) => srcPort >= 49_152 && dstPort >= 49_152,
  }),
});
