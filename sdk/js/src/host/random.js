export { next } from "ringtap:plugin/random@0.1.0";
