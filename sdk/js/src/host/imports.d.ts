// What a component imports, as the bindings of wit/capabilities.wit have it.

declare module "ringtap:plugin/log@0.1.0" {
  export function write(level: "debug" | "info" | "warn" | "error", message: string): void;
}

declare module "ringtap:plugin/clock@0.1.0" {
  export function nowNs(): bigint;
}

declare module "ringtap:plugin/interfaces@0.1.0" {
  export function name(ifindex: number): string | undefined;
}

declare module "ringtap:plugin/random@0.1.0" {
  export function next(): bigint;
}

declare module "ringtap:plugin/events@0.1.0" {
  export function emit(rows: import("../event.js").RawEvent[]): void;
}

declare module "ringtap:plugin/metrics@0.1.0" {
  type Labels = Array<[string, string]>;
  export function counter(name: string, help: string, labels: Labels): number;
  export function gauge(name: string, help: string, labels: Labels): number;
  export function histogram(name: string, help: string, bounds: number[], labels: Labels): number;
  export function update(ids: Uint32Array, values: Float64Array): void;
  export function forget(ids: number[]): void;
}

declare module "ringtap:plugin/kv@0.1.0" {
  export function get(key: string): Uint8Array | undefined;
  export function set(key: string, value: Uint8Array): void;
  export function keys(prefix: string): string[];
  function remove(key: string): void;
  export { remove as delete };
}
