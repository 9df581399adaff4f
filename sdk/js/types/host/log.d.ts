export { write } from "ringtap:plugin/log@0.1.0";
