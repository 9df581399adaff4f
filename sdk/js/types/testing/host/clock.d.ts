export function nowNs(): bigint;
