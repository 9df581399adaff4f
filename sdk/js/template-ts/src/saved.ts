/**
 * The state in form 1: a line with the time of the last report, 0 for none, and a line for each
 * protocol, with its name, packets and bytes.
 *
 * What is read may be from other sources than these, or damaged: take nothing on trust.
 */

import { Totals } from "./totals.ts";

export function save(reportedNs: bigint, totals: Totals): Uint8Array {
  const lines = totals
    .list()
    .map(({ protocol, packets, bytes }) => `${protocol} ${packets} ${bytes}\n`);
  const saved = `${reportedNs}\n${lines.join("")}`;
  return Uint8Array.from(saved, (character) => character.charCodeAt(0));
}

export function restore(saved: Uint8Array): { reportedNs: bigint; totals: Totals } {
  const lines = String.fromCharCode(...saved).split("\n");
  const time = lines.shift() ?? "";
  if (lines.pop() !== "" || !/^\d{1,19}$/.test(time)) throw damaged();
  const totals = new Totals();
  for (const line of lines) {
    const [, protocol, packets, bytes] = /^([a-z0-9]+) (\d{1,15}) (\d{1,15})$/.exec(line) ?? [];
    if (protocol === undefined) throw damaged();
    totals.add(protocol, Number(packets), Number(bytes));
  }
  return { reportedNs: BigInt(time), totals };
}

const damaged = (): Error => new Error("the saved state is damaged");
