import { host } from "../recorder.js";

/** SplitMix64 (Steele, Lea and Flood, 2014) from the seed 0: the same numbers for each recorder. */
export function next() {
  host.recorder.drawn += 1n;
  let z = wrapped(host.recorder.drawn * 0x9e3779b97f4a7c15n);
  z = wrapped((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = wrapped((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

/** @param {bigint} number */
const wrapped = (number) => BigInt.asUintN(64, number);
