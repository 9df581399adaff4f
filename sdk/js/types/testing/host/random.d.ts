/** SplitMix64 (Steele, Lea and Flood, 2014) from the seed 0: the same numbers for each recorder. */
export function next(): bigint;
