//! The record as a table, for languages without an SDK.

use super::{
    Made,
    layout::{Field, Layout, Named},
};

const INTRODUCTION: &str = "\
# The packet record

<!-- Made by `cargo xtask codegen` from wit/layout.wit. -->

What a plugin is given of a packet, byte by byte. An SDK reads it for you; without one, this table \
and the bindings of `wit-bindgen` are enough.

A batch carries its records as `list<u8>`. Record *i* starts at *i* times `batch.record-size`, which \
may be larger than what is listed here: a newer host appends fields. All fields are unsigned \
integers, little-endian, at these offsets within a record. A field that the packet does not have is \
0; where 0 is also a value, a bit of `marks` tells.
";

pub(super) fn files(layout: &Layout) -> Vec<Made> {
    let mut text = INTRODUCTION.to_owned();
    text += &format!("\n## Fields of {} bytes\n\n", layout.size);
    text += "| offset | bytes | field | |\n|--:|--:|---|---|\n";
    for Field { name, offset, size, doc } in &layout.fields {
        let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
        text += &format!("| {offset} | {size} | `{name}` | {doc} |\n");
    }
    text += &numbers("Bits of `marks`", &layout.marks);
    text += &numbers("Bits of `tcp-flags`", &layout.tcp_flags);
    text += &numbers("Values of `hook`", &layout.hooks);
    text += &numbers("Values of `direction`", &layout.directions);
    vec![Made { path: "docs/record.md", text }]
}

fn numbers(title: &str, named: &[Named]) -> String {
    let mut text = format!("\n## {title}\n\n| | name | |\n|--:|---|---|\n");
    for Named { name, number, doc } in named {
        text += &format!("| {number} | `{name}` | {doc} |\n");
    }
    text
}
