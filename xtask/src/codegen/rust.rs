//! The Rust SDK's view of a record.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use super::{
    Made,
    accessors::{Accessor, There, Value},
    layout::{Field, Layout, Named},
    snake, upper, wrapped,
};

const HEADER: &str = "// Made by `cargo xtask codegen` from wit/layout.wit.\n\n";

pub(super) fn files(layout: &Layout, accessors: &[Accessor]) -> Result<Vec<Made>> {
    Ok(vec![
        Made { path: "sdk/rust/src/packet/layout.rs", text: formatted(fields(layout))? },
        Made { path: "sdk/rust/src/packet/mark.rs", text: formatted(marks(layout))? },
        Made {
            path: "sdk/rust/src/packet/accessors.rs",
            text: formatted(packet(layout, accessors))?,
        },
    ])
}

fn fields(layout: &Layout) -> String {
    let mut text = format!(
        "{HEADER}/// Bytes of a record that this SDK knows. A newer host's records may be longer.
        pub const RECORD_SIZE: usize = {size};

        /// The fields of a record as they are, where 0 may mean that the packet has no such thing. The
        /// accessors of [`Packet`](crate::Packet) tell; these are for what it has no accessor for.
        #[derive(Clone, Copy)]
        pub struct Fields<'a>(pub(super) &'a [u8; RECORD_SIZE]);

        impl Fields<'_> {{
            // The compiler knows offset and size, so a read is one load without a check.
            #[inline(always)]
            fn read<const N: usize>(self, offset: usize) -> [u8; N] {{
                *self.0[offset..].first_chunk().expect(\"a field lies within the record\")
            }}\n",
        size = layout.size
    );
    for Field { name, offset, size, doc } in &layout.fields {
        let (name, doc, ty) = (snake(name), doc_comment(doc), unsigned(*size));
        text += &format!(
            "\n{doc}#[inline]
            pub fn {name}(self) -> {ty} {{ {ty}::from_le_bytes(self.read({offset})) }}\n"
        );
    }
    text += "}\n
        /// Name, offset and size of each field.
        #[cfg(any(test, not(target_arch = \"wasm32\")))]
        pub(crate) const FIELDS: &[(&str, usize, usize)] = &[";
    for Field { name, offset, size, .. } in &layout.fields {
        text += &format!("({:?}, {offset}, {size}),", snake(name));
    }
    text + "];\n"
}

fn marks(layout: &Layout) -> String {
    let mut text = format!("//! Bits of [`Fields::marks`](crate::Fields::marks).\n{HEADER}");
    for mark in layout.used_marks() {
        text += &format!(
            "{}pub const {}: u32 = 1 << {};\n",
            doc_comment(&mark.doc),
            upper(&mark.name),
            mark.number
        );
    }
    text
}

fn packet(layout: &Layout, accessors: &[Accessor]) -> String {
    let mut text = format!(
        "{HEADER}use std::net::IpAddr;\n
        use super::{{MacAddress, Packet, TcpFlags, mark}};\n
        /// What the record has a field for.
        impl Packet<'_> {{\n"
    );
    for accessor in accessors {
        let (answer, body) = answered(accessor);
        let (name, doc) = (snake(accessor.name), doc_comment(accessor.doc));
        text += &format!(
            "{doc}#[inline]\npub fn {name}(&self) -> {answer} {{ {body} }}\n\n",
            answer = answer_of(layout, accessor.value, answer)
        );
    }
    text += "}\n\nimpl TcpFlags {\n";
    for Named { name, number, doc } in &layout.tcp_flags {
        text += &format!(
            "{}pub const {}: Self = Self(1 << {number});\n",
            doc_comment(doc),
            upper(name)
        );
    }
    text + "}\n"
}

/// What the accessor answers, with `VALUE` for the type of what it reads, and how.
fn answered(accessor: &Accessor) -> (&'static str, String) {
    let value = match accessor.value {
        Value::Number(field) => format!("self.fields.{}()", snake(field)),
        Value::Mac(field) => {
            let field = snake(field);
            format!("MacAddress::from_parts(self.fields.{field}_hi(), self.fields.{field}_lo())")
        }
        Value::Address(field) => {
            let field = snake(field);
            format!("self.address(self.fields.{field}_hi(), self.fields.{field}_lo())")
        }
        Value::TcpFlags => "TcpFlags(self.fields.tcp_flags())".to_owned(),
        Value::Mark(mark) => format!("self.has(mark::{})", upper(mark)),
    };
    let there = match accessor.there {
        There::Always => return ("VALUE", value),
        There::Marked(mark) => format!("self.has(mark::{})", upper(mark)),
        There::IpVersion => "(self.fields.ip_version() != 0)".to_owned(),
        There::Ip => "self.has_ip()".to_owned(),
        There::IpId => "self.has_ip_id()".to_owned(),
        There::Ip6 => "(self.has_ip() && self.fields.ip_version() == 6)".to_owned(),
    };
    ("Option<VALUE>", format!("{there}.then(|| {value})"))
}

fn answer_of(layout: &Layout, value: Value, answer: &str) -> String {
    let ty = match value {
        Value::Number(field) => {
            let size = layout.fields.iter().find(|known| known.name == field);
            unsigned(size.map_or(8, |field| field.size))
        }
        Value::Mac(_) => "MacAddress",
        Value::Address(_) => "IpAddr",
        Value::TcpFlags => "TcpFlags",
        Value::Mark(_) => "bool",
    };
    answer.replace("VALUE", ty)
}

fn unsigned(size: usize) -> &'static str {
    match size {
        1 => "u8",
        2 => "u16",
        4 => "u32",
        _ => "u64",
    }
}

fn doc_comment(doc: &str) -> String {
    wrapped(doc, 92).map(|line| format!("/// {line}\n")).collect()
}

/// As `cargo fmt` leaves it.
fn formatted(text: String) -> Result<String> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024", "--config", "use_small_heuristics=Max"]);
    let mut child =
        rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("running rustfmt")?;
    child.stdin.take().context("rustfmt reads")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt can't read what was made");
    Ok(String::from_utf8(output.stdout)?)
}
