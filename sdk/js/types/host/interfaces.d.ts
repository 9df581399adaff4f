export { name } from "ringtap:plugin/interfaces@0.1.0";
