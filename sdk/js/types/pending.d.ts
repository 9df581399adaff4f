/**
 * @param {number} id
 * @returns {Slot}
 */
export function slot(id: number): Slot;
/**
 * @param {Slot} series
 * @param {number} value
 */
export function set(series: Slot, value: number): void;
/**
 * @param {Slot} series
 * @param {number} value
 */
export function observe(series: Slot, value: number): void;
/**
 * Drop the series, and what the call did to it so far.
 *
 * @param {Slot} series
 */
export function forget(series: Slot): void;
/**
 * A series and what the call in progress did to it.
 */
export type Slot = {
    id: number;
    value: number;
    queued: boolean;
    forgotten: boolean;
};
