// AssemblyScript exports functions under the names that they have. A component's exports have names that
// no language can write, so they are given here, when all is compiled.
import { Transform } from "assemblyscript/transform";

const INTERFACES = {
  lifecycle: { describe: "describe", init: "init", tick: "tick", stop: "stop" },
  aggregate: { "on-packets": "onPackets" },
  state: { save: "save", restore: "restore" },
};
/** Functions whose answer lies in memory: the host says when it has read it. */
const ANSWERS = ["describe", "init", "save", "restore"];

export default class extends Transform {
  afterCompile(module) {
    for (const [name, functions] of Object.entries(INTERFACES)) {
      for (const [external, internal] of Object.entries(functions)) {
        const full = `ringtap:plugin/${name}@0.1.0#${external}`;
        this.name(module, internal, full);
        if (ANSWERS.includes(external)) {
          module.addFunctionExport("assembly/plugin/answered", `cabi_post_${full}`);
        }
      }
    }
    module.removeExport("answered");
    this.name(module, "cabiRealloc", "cabi_realloc");
  }

  name(module, internal, external) {
    module.removeExport(internal);
    module.addFunctionExport(`assembly/plugin/${internal}`, external);
  }
}
