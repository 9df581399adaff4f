/**
 * @param {Uint32Array} ids
 * @param {Float64Array} values
 */
export function update(ids: Uint32Array, values: Float64Array): undefined;
/** @param {number[]} ids */
export function forget(ids: number[]): void;
export function counter(name: string, _help: string, labels: Labels): number;
export function gauge(name: string, _help: string, labels: Labels): number;
export function histogram(name: string, _help: string, _bounds: number[], labels: Labels): number;
export type Labels = Array<[string, string]>;
