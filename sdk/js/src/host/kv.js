import { delete as remove, get, keys, set } from "ringtap:plugin/kv@0.1.0";

export { get, keys, remove, set };
