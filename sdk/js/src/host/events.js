export { emit } from "ringtap:plugin/events@0.1.0";
