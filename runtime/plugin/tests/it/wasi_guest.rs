//! Guests that call WASI, made of a few lines of text.

use std::collections::BTreeSet;

use crate::support::component_with;

/// The interfaces of WASI that the guests know, with releases of 0.2 in place of `VERSION`.
const WASI: &str = include_str!("guests/wasi.wit");

/// What a function is called in text, where brackets have no place.
fn name(function: &str) -> String {
    function.replace('[', "").replace(']', "-")
}

/// A plugin in which the functions that are imported are called by the bodies of `init` and `tick`.
///
/// Answers go to the address `$answer`. An `init` that doesn't return by itself starts; what it
/// stores at `$refusal` makes it refuse to, with the 16 characters from `$text` on.
#[derive(Clone, Debug, Default)]
pub(crate) struct WasiGuest<'a> {
    /// Core functions from interfaces such as `cli/exit`, each with a name.
    pub(crate) imports: &'a [(&'a str, &'a str, &'a str)],
    pub(crate) describe: &'a str,
    pub(crate) init: &'a str,
    pub(crate) tick: &'a str,
}

impl WasiGuest<'_> {
    /// For WASI 0.2.0.
    pub(crate) fn component(&self) -> Vec<u8> {
        self.component_for("0.2.0", str::to_owned)
    }

    /// For that release of WASI, with `edit`ed types.
    pub(crate) fn component_for(&self, version: &str, edit: impl Fn(&str) -> String) -> Vec<u8> {
        let full = |interface: &str| match interface.split_once(':') {
            Some(_) => interface.to_owned(),
            None => format!("wasi:{interface}@{version}"),
        };
        let imports = self.imports.iter().map(|(interface, function, ty)| {
            let interface = full(interface);
            let name = name(function);
            format!("(import \"{interface}\" \"{function}\" (func ${name} {ty}))\n")
        });
        let interfaces: BTreeSet<_> = self.imports.iter().map(|one| full(one.0)).collect();
        let world = interfaces.iter().map(|one| format!("import {one};\n")).collect::<String>();
        let world = world + "export ringtap:plugin/lifecycle@0.1.0;";
        let wasi = edit(&WASI.replace("VERSION", version));
        component_with(&self.module(&imports.collect::<String>()), &world, &wasi)
    }

    fn module(&self, imports: &str) -> String {
        const LIFECYCLE: &str = "ringtap:plugin/lifecycle@0.1.0";
        let Self { describe, init, tick, .. } = self;
        let (init, tick, describe) = [init, tick, describe]
            .map(|body| {
                body.replace("$answer", "(i32.const 256)").replace("$text", "(i32.const 768)")
            })
            .into();
        let init = init.replace("$refusal", "(i32.const 512)");
        format!(
            r#"(module
                {imports}
                (memory (export "memory") 4)
                (data (i32.const 16) "\80\00\00\00\04\00\00\00\80\00\00\00\04\00\00\00")
                (data (i32.const 128) "wasi")
                (data (i32.const 516) "\00\03\00\00\10\00\00\00")
                (global $free (mut i32) (i32.const 0x10000))
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                    (global.get $free)
                    (global.set $free
                        (i32.and (i32.const -8)
                            (i32.add (i32.const 15) (i32.add (global.get $free) (local.get 3))))))
                (func $expect (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))
                (func $letters (param $bits i64) (local $at i32)
                    (loop $more
                        (i32.store8 offset=768 (local.get $at)
                            (i32.add (i32.const 97)
                                (i32.wrap_i64 (i64.and (i64.const 15) (local.get $bits)))))
                        (local.set $bits (i64.shr_u (local.get $bits) (i64.const 4)))
                        (br_if $more (i32.lt_u
                            (local.tee $at (i32.add (local.get $at) (i32.const 1)))
                            (i32.const 16)))))
                (func (export "{LIFECYCLE}#describe") (result i32) {describe} (i32.const 16))
                (func (export "{LIFECYCLE}#init") (param i32 i32) (result i32)
                    (local $handle i32) (local $count i32)
                    {init}
                    (i32.const 512))
                (func (export "{LIFECYCLE}#tick") (param $now i64) {tick})
                (func (export "{LIFECYCLE}#stop") (param i64)))"#
        )
    }
}
