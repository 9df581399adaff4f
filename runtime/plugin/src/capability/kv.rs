use std::sync::Arc;

use wasmtime::component::{HasSelf, Linker};

use crate::{
    bindings::kv,
    host::Host,
    kv::{KvStore, Staged},
};

/// The plugin's store as an instance sees it, and what the call that is on has changed.
#[derive(Debug)]
pub(crate) struct Kv(Staged);

impl Kv {
    pub(crate) fn link(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
        kv::add_to_linker::<_, HasSelf<Self>>(linker, |host| &mut host.kv)
    }

    pub(crate) fn new(store: Arc<KvStore>) -> Self {
        Self(Staged::new(store))
    }

    pub(crate) fn commit(&mut self) {
        self.0.commit();
    }

    pub(crate) fn roll_back(&mut self) {
        self.0.roll_back();
    }
}

impl kv::Host for Kv {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<Vec<u8>>> {
        Ok(self.0.get(&key))
    }

    fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), String>> {
        Ok(self.0.set(key, value).map_err(|refused| refused.to_string()))
    }

    fn delete(&mut self, key: String) -> wasmtime::Result<()> {
        self.0.delete(&key);
        Ok(())
    }

    fn keys(&mut self, prefix: String) -> wasmtime::Result<Vec<String>> {
        Ok(self.0.keys(&prefix))
    }
}
