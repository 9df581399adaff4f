/** Keeps the TCP packets of one host. */

import { Config, Counter, addressText, definePlugin, parseAddress } from "@ringtap/plugin";

/** @import { Packet } from "@ringtap/plugin" */

const TCP = 6;

class Sieve {
  kept = new Counter("sieve_kept_total", "Packets that were kept.");

  /** @param {string} host As packets have it. */
  constructor(host) {
    this.host = host;
  }

  /** @param {Packet} packet */
  keep(packet) {
    if (packet.protocol !== TCP) return false;
    if (packet.src !== this.host && packet.dst !== this.host) return false;
    this.kept.add(packet.packets);
    return true;
  }
}

export const { lifecycle, filter } = definePlugin({
  name: "sieve",
  version: "1.0.0",
  init(source) {
    const config = Config.parse(source);
    const host = config.text("host", "198.51.100.1");
    config.finish();
    const address = parseAddress(host);
    if (address === undefined) throw new Error(`config key \`host\`: ${host} is no IP address`);
    return new Sieve(addressText(address));
  },
});
