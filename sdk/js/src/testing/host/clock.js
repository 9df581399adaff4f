import { host } from "../recorder.js";

export const nowNs = () => host.recorder.nowNs;
