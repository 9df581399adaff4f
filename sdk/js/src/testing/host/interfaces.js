import { host } from "../recorder.js";

/**
 * @param {number} ifindex
 * @returns {string | undefined}
 */
export const name = (ifindex) => host.recorder.interfaces.get(ifindex);
