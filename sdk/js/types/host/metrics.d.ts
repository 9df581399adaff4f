export { counter, forget, gauge, histogram, update } from "ringtap:plugin/metrics@0.1.0";
