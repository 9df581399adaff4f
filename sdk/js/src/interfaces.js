import * as host from "#host/interfaces";

/**
 * Name of the interface that `Packet.ifindex` tells, as it is called now; the last one it had, where
 * it is gone. A host call: keep the answer.
 *
 * @param {number} ifindex
 * @returns {string | undefined}
 */
export function interfaceName(ifindex) {
  return host.name(ifindex);
}
