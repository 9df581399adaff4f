use std::os::unix::fs::MetadataExt;

use wit_component::DecodedWasm;

use super::*;

const PLUGIN: &str = r#"(module
  (import "ringtap:plugin/clock@0.1.0" "now-ns" (func (result i64)))
  IMPORTS
  (memory (export "memory") 1)
  (func (export "ringtap:plugin/lifecycle@0.1.0#describe") (result i32) unreachable)
  (func (export "ringtap:plugin/lifecycle@0.1.0#init") (param i32 i32) (result i32) unreachable)
  (func (export "ringtap:plugin/lifecycle@0.1.0#tick") (param i64))
  (func (export "ringtap:plugin/lifecycle@0.1.0#stop") (param i64))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;

const WRITE: &str = r#"(import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (func (export "use") (result i32) (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))"#;

fn module(imports: &str) -> Vec<u8> {
    wat::parse_str(PLUGIN.replace("IMPORTS", imports)).unwrap()
}

fn made(module: &[u8], adapter: Option<&[u8]>) -> Component {
    Component::of_module(module, &Package::embedded(), adapter).unwrap()
}

fn names(component: &Component) -> (Vec<String>, Vec<String>) {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(&component.bytes).unwrap()
    else {
        panic!("it is no component");
    };
    let world = &resolve.worlds[world];
    let names = |keys: Vec<_>| keys.into_iter().map(|key| resolve.name_world_key(key)).collect();
    (names(world.imports.keys().collect()), names(world.exports.keys().collect()))
}

#[test]
fn a_component_imports_what_the_module_does() {
    let component = made(&module(""), None);
    assert!(component.world.is_some() && !component.adapted);
    let (imports, exports) = names(&component);
    assert_eq!(imports, ["ringtap:plugin/clock@0.1.0", "ringtap:plugin/types@0.1.0"]);
    assert_eq!(exports, ["ringtap:plugin/lifecycle@0.1.0"]);
}

#[test]
fn a_module_with_a_world_goes_as_it_is() {
    let package = Package::embedded();
    let world = World {
        capabilities: ["log".to_owned(), "clock".to_owned()].into(),
        roles: ["lifecycle".to_owned()].into(),
    };
    let module = embed(&module(""), &world, &package).unwrap();
    let component = made(&module, None);
    assert_eq!(component.world, None);
    // It says `log` too, and calls nothing there.
    assert_eq!(names(&component), names(&made(&self::module(""), None)));
}

#[test]
fn wasi_is_adapted() {
    let component = made(&module(WRITE), None);
    assert!(component.adapted);
    let (imports, _) = names(&component);
    assert!(imports.iter().any(|name| name.starts_with("wasi:io/streams@0.2.")), "{imports:?}");

    let adapter =
        r#"(module (func (export "fd_write") (param i32 i32 i32 i32) (result i32) i32.const 8))"#;
    let component = made(&module(WRITE), Some(&wat::parse_str(adapter).unwrap()));
    let (imports, _) = names(&component);
    assert_eq!(imports, ["ringtap:plugin/clock@0.1.0", "ringtap:plugin/types@0.1.0"]);
}

#[test]
fn what_can_be_no_component_is_refused() {
    let refusal = |bytes: &[u8]| {
        let error = Component::of_module(bytes, &Package::embedded(), None).unwrap_err();
        format!("{:#}", anyhow::Error::from(error))
    };
    assert!(refusal(b"#!/bin/sh").starts_with("it is no WebAssembly: "));
    assert_eq!(refusal(&made(&module(""), None).bytes), "it is a component already");
    let wrong = r#"(import "ringtap:plugin/random@0.1.0" "next" (func (result i32)))"#;
    let refused = refusal(&module(wrong));
    assert!(refused.starts_with("its functions are not those of the package: "), "{refused}");
    assert!(refused.contains("next"), "{refused}");
}

#[test]
fn a_file_is_replaced_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.wasm");
    fs::write(&out, "old").unwrap();
    let old = fs::metadata(&out).unwrap().ino();
    replace(&out, b"new").unwrap();
    let new = fs::metadata(&out).unwrap();
    assert_eq!(fs::read(&out).unwrap(), b"new");
    assert_ne!(new.ino(), old);
    assert_eq!(new.mode() & 0o7777, 0o644);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
