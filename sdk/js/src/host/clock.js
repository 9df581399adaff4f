export { nowNs } from "ringtap:plugin/clock@0.1.0";
