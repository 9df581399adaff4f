use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// An interest as a plugin may state it, right or wrong.
#[derive(Clone, Debug)]
pub struct Wish {
    pub name: String,
    pub filter: String,
    pub one_in: u32,
    pub by_flow: bool,
    pub payload: u32,
}

impl Wish {
    /// The headers of every packet that `filter` takes.
    pub fn new(name: &str, filter: &str) -> Self {
        let (name, filter) = (name.to_owned(), filter.to_owned());
        Self { name, filter, one_in: 1, by_flow: false, payload: 0 }
    }
}

/// A plugin that states these interests and does nothing.
pub fn wanting(wishes: &[Wish]) -> Vec<u8> {
    Doing::default().wanting(wishes)
}

/// What a plugin does in `init`, in text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Doing<'a> {
    /// Of the world.
    pub(crate) imports: &'a str,
    /// Packages beside ringtap's.
    pub(crate) packages: &'a str,
    /// Of the core module.
    pub(crate) functions: &'a str,
    pub(crate) init: &'a str,
}

impl Doing<'_> {
    /// A plugin that does so and states these interests.
    pub(crate) fn wanting(self, wishes: &[Wish]) -> Vec<u8> {
        let Self { imports, packages, .. } = self;
        let world = format!(
            "package test:wanting;
            world wanting {{
                {imports}
                export ringtap:plugin/lifecycle@0.1.0;
                export ringtap:plugin/aggregate@0.1.0;
            }}
            {packages}"
        );
        encode(&module(self, wishes), &world)
    }
}

fn encode(module: &str, world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")).unwrap();
    let package = resolve.push_str("wanting.wit", world).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// Where the description lies in the module's memory.
const DESCRIPTION: usize = 16;

/// The core module, in text.
fn module(doing: Doing<'_>, wishes: &[Wish]) -> String {
    let Doing { functions, init, .. } = doing;
    let data: String = data(wishes).iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!(
        r#"(module
            {functions}
            (memory (export "memory") 16)
            (data (i32.const {DESCRIPTION}) "{data}")
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0x80000))
            (func (export "ringtap:plugin/lifecycle@0.1.0#describe") (result i32)
                (i32.const {DESCRIPTION}))
            (func (export "ringtap:plugin/lifecycle@0.1.0#init") (param i32 i32) (result i32)
                {init} (i32.const 0))
            (func (export "ringtap:plugin/lifecycle@0.1.0#tick") (param i64))
            (func (export "ringtap:plugin/lifecycle@0.1.0#stop") (param i64))
            (func (export "ringtap:plugin/aggregate@0.1.0#on-packets")
                (param i64 i64 i64 i32 i32 i32 i32 i32 i32)))"#
    )
}

/// The record `description` of the canonical ABI, the interests behind it, and behind those all text.
fn data(wishes: &[Wish]) -> Vec<u8> {
    const DESCRIPTION_WORDS: usize = 10;
    const WISH_WORDS: usize = 7;
    let interests = DESCRIPTION + 4 * DESCRIPTION_WORDS;
    let mut texts = Vec::new();
    let mut place = |text: &str| {
        let at = interests + 4 * WISH_WORDS * wishes.len() + texts.len();
        texts.extend_from_slice(text.as_bytes());
        [at as u32, text.len() as u32]
    };
    let mut words = [place("wanting"), place("1.0")].concat();
    words.extend([0, interests as u32, wishes.len() as u32]);
    // No state.
    words.extend([0; 3]);
    for wish in wishes {
        words.extend([place(&wish.name), place(&wish.filter)].concat());
        words.extend([wish.one_in, wish.by_flow.into(), wish.payload]);
    }
    words.iter().flat_map(|word| word.to_le_bytes()).chain(texts).collect()
}
