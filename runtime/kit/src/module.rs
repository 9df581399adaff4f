//! What a core module imports and exports, by name.

use wasmparser::{Encoding, Parser, Payload};

/// The names in a core module that decide on its world.
#[derive(Debug, Default)]
pub(crate) struct Module<'a> {
    /// Module and name.
    pub(crate) imports: Vec<(&'a str, &'a str)>,
    pub(crate) exports: Vec<&'a str>,
    /// It says itself what its world is, as wit-bindgen has modules do.
    pub(crate) has_world: bool,
}

/// Why bytes are no core module.
#[derive(Debug, thiserror::Error)]
pub enum NoModule {
    #[error("it is no WebAssembly")]
    NoWasm(#[source] wasmparser::BinaryReaderError),
    #[error("it is a component already")]
    Component,
}

impl<'a> Module<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, NoModule> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload.map_err(NoModule::NoWasm)?)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), NoModule> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                return Err(NoModule::Component);
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(NoModule::NoWasm)?;
                    self.imports.push((import.module, import.name));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.exports.push(export.map_err(NoModule::NoWasm)?.name);
                }
            }
            Payload::CustomSection(section) => {
                self.has_world |= section.name().starts_with("component-type");
            }
            _ => {}
        }
        Ok(())
    }
}
