import { get } from "ringtap:plugin/kv@0.1.0";
import { keys } from "ringtap:plugin/kv@0.1.0";
import { delete as remove } from "ringtap:plugin/kv@0.1.0";
import { set } from "ringtap:plugin/kv@0.1.0";
export { get, keys, remove, set };
