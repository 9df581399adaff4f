//! How often a guest allocates: calls of functions that its modules name as an allocator's.
//!
//! A guest's allocator is a part of it, which the host neither provides nor knows. What tells it is the
//! `name` section, for those who debug; a component that was stripped has none.

use std::collections::{BTreeSet, HashMap};

use wasmparser::{KnownCustom, Name, Parser, Payload};
use wasmtime::FrameInfo;

/// By the last part of their names. Those of C's library, of Rust, of the SDK for C, of Go.
const ALLOCATORS: [&str; 20] = [
    "malloc",
    "calloc",
    "realloc",
    "memalign",
    "aligned_alloc",
    "posix_memalign",
    "dlmalloc",
    "dlcalloc",
    "dlrealloc",
    "dlmemalign",
    "__rust_alloc",
    "__rust_alloc_zeroed",
    "__rust_realloc",
    "__rdl_alloc",
    "__rdl_alloc_zeroed",
    "__rdl_realloc",
    "ringtap_alloc",
    "ringtap_alloc_zeroed",
    "ringtap_realloc",
    "mallocgc",
];

/// By which the host asks for memory for what it hands over.
const HANDED_OVER: &str = "cabi_realloc";

/// Calls of a guest's allocator while they were counted. One that calls another counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocations {
    /// By the guest's own code.
    pub own: u64,
    /// For what the host handed over.
    pub handed_over: u64,
}

/// The functions of a component that are named as an allocator's, without paths and in order. Of none,
/// nothing can be counted.
pub fn allocators(wasm: &[u8]) -> Vec<String> {
    let mut found = BTreeSet::new();
    // Nothing stops at what is malformed: it is a component that was compiled.
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        let functions = names.into_iter().map_while(Result::ok).filter_map(|name| match name {
            Name::Function(functions) => Some(functions),
            _ => None,
        });
        let names = functions.flatten().map_while(Result::ok).map(|naming| last_part(naming.name));
        found.extend(names.filter(|name| ALLOCATORS.contains(&&name[..])));
    }
    found.into_iter().collect()
}

/// Counts, by a look at the stack at the entry of each function and at each turn of a loop.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    counted: Allocations,
    /// Where in it a function is when it is entered, by its index and name: where it looked first.
    entries: HashMap<(u32, String), Option<usize>>,
    kinds: HashMap<String, Kind>,
}

/// What a function is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Allocator,
    HandsOver,
    Other,
}

impl Counting {
    pub(crate) fn counted(&self) -> Allocations {
        self.counted
    }

    /// `frames` is the stack, the innermost first.
    pub(crate) fn look(&mut self, frames: &[FrameInfo]) {
        let Some((innermost, outer)) = frames.split_first() else { return };
        if self.kind(innermost.func_name()) != Kind::Allocator || !self.enters(innermost) {
            return;
        }
        let outer: Vec<_> = outer.iter().map(|frame| self.kind(frame.func_name())).collect();
        match outer {
            outer if outer.contains(&Kind::Allocator) => {}
            outer if outer.contains(&Kind::HandsOver) => self.counted.handed_over += 1,
            _ => self.counted.own += 1,
        }
    }

    /// Whether it was called just now, and is not at another turn of a loop.
    fn enters(&mut self, frame: &FrameInfo) -> bool {
        let name = frame.func_name().unwrap_or_default().to_owned();
        let at = frame.func_offset();
        *self.entries.entry((frame.func_index(), name)).or_insert(at) == at
    }

    fn kind(&mut self, name: Option<&str>) -> Kind {
        let Some(name) = name else { return Kind::Other };
        if let Some(known) = self.kinds.get(name) {
            return *known;
        }
        let kind = kind(&last_part(name));
        self.kinds.insert(name.to_owned(), kind);
        kind
    }
}

fn kind(name: &str) -> Kind {
    match name {
        name if ALLOCATORS.contains(&name) => Kind::Allocator,
        // Bindings append their version.
        name if name.starts_with(HANDED_OVER) => Kind::HandsOver,
        _ => Kind::Other,
    }
}

/// `malloc` of Rust's `<dlmalloc::Dlmalloc<_>>::malloc`, mangled or not, and `mallocgc` of Go's
/// `runtime.mallocgc`.
fn last_part(name: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.rsplit(|c| !is_part(c)).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use wasmtime::{Instance, Module};

    use super::*;
    use crate::{
        Engine, Limits,
        bounds::{self, Bounds},
    };

    const MODULE: &str = r#"(module
        (func $malloc (param $turns i32)
            (loop $again
                (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
                (br_if $again (i32.gt_s (local.get $turns) (i32.const 0)))))
        (func $calloc (call $malloc (i32.const 3)))
        (func $cabi_realloc (export "cabi_realloc") (call $malloc (i32.const 2)))
        (func $boxed (call $malloc (i32.const 5)))
        (func (export "run") (param $records i32)
            (loop $again
                (call $boxed)
                (call $calloc)
                (local.set $records (i32.sub (local.get $records) (i32.const 1)))
                (br_if $again (i32.gt_s (local.get $records) (i32.const 0))))))"#;

    #[test]
    fn each_allocation_counts_once() {
        let engine = Engine::new().unwrap();
        let limits = Limits::default();
        let wasm = wat::parse_str(MODULE).unwrap();
        assert_eq!(allocators(&wasm), ["calloc", "malloc"]);
        let module = Module::new(engine.wasmtime(), &wasm).unwrap();
        let mut store = bounds::store(engine.wasmtime(), &limits, Bounds::new(&engine, &limits));
        bounds::begin(&mut store, limits.call_time);
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance.get_typed_func::<i32, ()>(&mut store, "run").unwrap();
        let hand_over = instance.get_typed_func::<(), ()>(&mut store, "cabi_realloc").unwrap();

        store.data_mut().count_allocations();
        bounds::begin(&mut store, limits.call_time);
        run.call(&mut store, 10).unwrap();
        hand_over.call(&mut store, ()).unwrap();
        let counted = store.data_mut().take_allocations();
        assert_eq!(counted, Allocations { own: 20, handed_over: 1 });

        // Those that are not counted leave nothing behind.
        bounds::begin(&mut store, limits.call_time);
        run.call(&mut store, 10).unwrap();
        assert_eq!(store.data_mut().take_allocations(), Allocations::default());
    }

    #[test]
    fn what_has_no_names_has_no_allocators() {
        let wasm = wat::parse_str("(module (func (export \"malloc\")))").unwrap();
        assert_eq!(allocators(&wasm), [""; 0]);
    }

    #[test]
    fn allocators_are_known_in_each_language() {
        for name in [
            "malloc",
            "runtime.mallocgc",
            "_ZN8dlmalloc8dlmalloc17Dlmalloc$LT$A$GT$6malloc17h0123456789abcdefE",
            "_RNvCs5QKde7ScR4H_7___rustc12___rust_alloc",
            "dlmalloc::dlmalloc::Dlmalloc<A>::malloc",
        ] {
            assert_eq!(kind(&last_part(name)), Kind::Allocator, "{name}");
        }
        for name in ["cabi_realloc", "cabi_realloc_wit_bindgen_0_61_0"] {
            assert_eq!(kind(&last_part(name)), Kind::HandsOver, "{name}");
        }
        for name in ["free", "", "malloc_usable_size", "my::malloc::size"] {
            assert_eq!(kind(&last_part(name)), Kind::Other, "{name}");
        }
    }
}
