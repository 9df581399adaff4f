export function name(ifindex: number): string | undefined;
