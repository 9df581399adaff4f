use wasmparser::{Chunk, Encoding, Parser, Payload};

const MAGIC: &[u8; 4] = b"\0asm";

/// Why bytes are not a component, told before any compiler sees them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAComponent {
    #[error("is empty: is it still being written?")]
    Empty,
    #[error("is no WebAssembly: it does not start with the bytes `\\0asm`")]
    NotWasm,
    #[error(
        "is a core module: make a component of it with `wasm-tools component new FILE -o OUT.wasm`"
    )]
    CoreModule,
    #[error("ends in the middle, after {bytes} bytes: is it still being written?")]
    Truncated { bytes: usize },
    #[error("is malformed: {0}")]
    Malformed(String),
}

/// Whether `wasm` has the shape of a whole component. Does not look into its parts.
pub(crate) fn sniff(wasm: &[u8]) -> Result<(), NotAComponent> {
    if wasm.is_empty() {
        return Err(NotAComponent::Empty);
    }
    if wasm.iter().zip(MAGIC).any(|(is, wanted)| is != wanted) {
        return Err(NotAComponent::NotWasm);
    }
    let truncated = NotAComponent::Truncated { bytes: wasm.len() };
    let mut parser = Parser::new(0);
    let mut at = 0;
    loop {
        let Some(rest) = wasm.get(at..) else { return Err(truncated) };
        if rest.is_empty() {
            return Ok(());
        }
        // As if more were to come: that tells an end in the middle from bytes that are wrong.
        match parser.parse(rest, false) {
            Ok(Chunk::NeedMoreData(_)) => return Err(truncated),
            Ok(Chunk::Parsed {
                payload: Payload::Version { encoding: Encoding::Module, .. },
                ..
            }) => {
                return Err(NotAComponent::CoreModule);
            }
            Ok(Chunk::Parsed {
                payload:
                    Payload::ModuleSection { unchecked_range: part, .. }
                    | Payload::ComponentSection { unchecked_range: part, .. },
                ..
            }) => at = part.end,
            Ok(Chunk::Parsed { consumed, .. }) => at += consumed,
            Err(error) => return Err(NotAComponent::Malformed(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT: &str = r#"(component
        (core module $m (memory 1) (func (export "f") (result i32) i32.const 7))
        (core instance $i (instantiate $m))
        (func (export "f") (result u32) (canon lift (core func $i "f"))))"#;

    #[test]
    fn a_component_has_the_right_shape() {
        assert_eq!(sniff(&wat::parse_str(COMPONENT).unwrap()), Ok(()));
        let nested = format!("(component {COMPONENT} (core module))");
        assert_eq!(sniff(&wat::parse_str(nested).unwrap()), Ok(()));
    }

    #[test]
    fn what_is_no_component_is_told_apart() {
        assert_eq!(sniff(b""), Err(NotAComponent::Empty));
        assert_eq!(sniff(b"#!/bin/sh\n"), Err(NotAComponent::NotWasm));
        assert_eq!(sniff(b"\x7fELF"), Err(NotAComponent::NotWasm));
        let module = wat::parse_str("(module)").unwrap();
        assert_eq!(sniff(&module), Err(NotAComponent::CoreModule));
        assert!(matches!(sniff(b"\0asm\x07\0\x05\0"), Err(NotAComponent::Malformed(_))));
    }

    #[test]
    fn no_prefix_is_taken_for_bad_bytes() {
        let wasm = wat::parse_str(COMPONENT).unwrap();
        for bytes in 1..wasm.len() {
            // A prefix that ends with a section is a component by its shape.
            let found = sniff(&wasm[..bytes]);
            let expected = Err(NotAComponent::Truncated { bytes });
            assert!(found == Ok(()) || found == expected, "{bytes}: {found:?}");
        }
        assert_eq!(sniff(&wasm[..40]), Err(NotAComponent::Truncated { bytes: 40 }));
    }
}
