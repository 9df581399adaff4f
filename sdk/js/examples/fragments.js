import { Counter, definePlugin } from "@ringtap/plugin";

export const { lifecycle, aggregate } = definePlugin({
  name: "fragments",
  version: "1.0.0",
  init() {
    const fragments = new Counter("fragments_total", "IP fragments seen.");
    return {
      onPackets(batch) {
        for (const packet of batch) if (packet.isFragment) fragments.inc();
      },
    };
  },
});
