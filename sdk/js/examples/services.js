import { Counter, definePlugin } from "@ringtap/plugin";

export const { lifecycle, aggregate } = definePlugin({
  name: "services",
  version: "1.0.0",
  interests: [
    { name: "web", filter: "tcp dst port 443" },
    { name: "names", filter: "udp port 53", payload: 64 },
  ],
  init() {
    const web = new Counter("services_web_packets_total", "Packets to web servers.");
    const answers = new Counter("services_answers_total", "Answers of name servers.");
    return {
      onPackets(batch) {
        for (const packet of batch) {
          if (packet.matches(0)) web.add(packet.packets);
          // The highest bit of a DNS message's third byte: an answer.
          if (packet.matches(1) && (packet.payload[2] ?? 0) & 0x80) answers.add(packet.packets);
        }
      },
    };
  },
});
