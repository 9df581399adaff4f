/**
 * Tells which TLS servers are asked for by name, and how: from the first packet of each client.
 *
 * Looks at TCP to the ports 443, 465, 853, 993, 995 and 8443, and needs `payload` granted: 1500, since
 * a ClientHello is long. One that goes on in a second packet is read as far as it goes.
 *
 * Metrics:
 * - `tls_names_hellos_total{version}`: ClientHellos by the newest version that they offer: `1.3`, `1.2`,
 *   `1.1`, `1.0`, `3.0` for SSL, `other`, or `unknown` where that was not in the packet.
 * - `tls_names_alpn_total{alpn}`: by the protocol that they offer first: `h2`, `http/1.1`, `http/1.0`,
 *   `dot`, `imap`, `pop3`, `smtp`, `acme-tls/1`, `other`, or `none`.
 * - `tls_names_incomplete_total{reason}`: those that were `cut` or are `malformed`.
 *
 * Events: `tls` for each, with `src`, `dst`, `dst_port`, `server_name`, `alpn` (by commas), `version`
 * and `outcome` (`whole`, `cut` or `malformed`); a field that is not there is left out.
 *
 * Config, with its default:
 *
 *     events = true   # whether to tell of each; the metrics are there in any case
 */

import { Config, Counter, Event, definePlugin, emit, log, text, uint } from "@ringtap/plugin";

import { clientHello } from "./hello.js";

/** @import { Batch, Packet } from "@ringtap/plugin" */
/** @import { Hello } from "./hello.js" */

const PORTS = [443, 465, 853, 993, 995, 8443];

/** Whoever sends packets must not decide how many series there are. */
const KNOWN_ALPN = new Set([
  ...["h2", "http/1.1", "http/1.0", "dot", "imap", "pop3", "smtp", "acme-tls/1"],
]);

class TlsNames {
  hellos = Counter.family("tls_names_hellos_total", "TLS ClientHellos by version.", ["version"]);
  alpn = Counter.family("tls_names_alpn_total", "TLS ClientHellos by their first ALPN.", ["alpn"]);
  incomplete = Counter.family(
    "tls_names_incomplete_total",
    "TLS ClientHellos not read to the end.",
    ["reason"],
  );

  /** @param {boolean} tells */
  constructor(tells) {
    this.tells = tells;
  }

  /** @param {Batch} batch */
  onPackets(batch) {
    for (const packet of batch) {
      const hello = clientHello(packet.payload);
      if (hello !== undefined) this.count(packet, hello);
    }
  }

  /**
   * @param {Packet} packet
   * @param {Hello} hello
   */
  count(packet, hello) {
    const { packets } = packet;
    this.hellos.with(hello.version ?? "unknown").add(packets);
    this.alpn.with(alpnLabel(hello.alpn[0])).add(packets);
    if (hello.outcome !== "whole") this.incomplete.with(hello.outcome).add(packets);
    if (this.tells) tell(packet, hello);
  }
}

/** @param {string | undefined} alpn */
function alpnLabel(alpn) {
  if (alpn === undefined) return "none";
  return KNOWN_ALPN.has(alpn) ? alpn : "other";
}

/**
 * @param {Packet} packet
 * @param {Hello} hello
 */
function tell(packet, { serverName, alpn, version, outcome }) {
  const { src, dst, dstPort } = packet;
  emit(
    new Event("tls", packet.timeNs, {
      src: maybe(src),
      dst: maybe(dst),
      dst_port: dstPort === undefined ? undefined : uint(dstPort),
      server_name: maybe(serverName),
      alpn: maybe(alpn.length > 0 ? alpn.join(",") : undefined),
      version: maybe(version),
      outcome: text(outcome),
    }),
  );
}

/** @param {string | undefined} value */
function maybe(value) {
  return value === undefined ? undefined : text(value);
}

export const { lifecycle, aggregate } = definePlugin({
  name: "tls-names",
  version: "0.1.0",
  interests: [
    {
      name: "tls",
      filter: PORTS.map((port) => `tcp dst port ${port}`).join(" or "),
      payload: 1500,
    },
  ],
  init(source) {
    log.reportErrors();
    const config = Config.parse(source);
    const tells = config.truth("events", true);
    config.finish();
    return new TlsNames(tells);
  },
});
