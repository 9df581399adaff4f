//! The view of a record that C and C++ have.

use anyhow::Result;

use super::{
    Made,
    accessors::{Accessor, There, Value},
    layout::{Field, Layout, Named},
    snake, upper, wrapped,
};

const HEADER: &str = "// Made by `cargo xtask codegen` from wit/layout.wit.
// clang-format off
";

pub(super) fn files(layout: &Layout, accessors: &[Accessor]) -> Result<Vec<Made>> {
    let accessors: Vec<_> =
        accessors.iter().map(|accessor| C::of(layout, accessor)).collect::<Result<_>>()?;
    Ok(vec![
        Made { path: "sdk/c/include/ringtap/fields.h", text: fields(layout) },
        Made { path: "sdk/c/include/ringtap/record.h", text: packet(&accessors) },
        Made { path: "sdk/c/include/ringtap/record.inc.hpp", text: methods(&accessors) },
        Made { path: "sdk/c/testing/fields.inc.h", text: table(layout) },
    ])
}

fn fields(layout: &Layout) -> String {
    let mut text = format!(
        "{HEADER}/// The fields of a record as they are, where 0 may mean that the packet has no such thing.
/// `ringtap/record.h` tells; these are for what has no accessor there.
#ifndef RINGTAP_FIELDS_H
#define RINGTAP_FIELDS_H

#include <stdint.h>

/// Bytes of a record that this SDK knows. A newer host's records may be longer.
#define RINGTAP_RECORD_SIZE {size}u
",
        size = layout.size
    );
    for Field { name, offset, size, doc } in &layout.fields {
        let (name, doc, ty) = (snake(name), comment(doc, ""), unsigned(*size));
        text += &format!(
            "
{doc}static inline {ty} ringtap_field_{name}(const uint8_t *record) {{
    {ty} value;
    __builtin_memcpy(&value, record + {offset}, sizeof value);
    return value;
}}
"
        );
    }
    text += "\n/// Bits of `ringtap_field_marks`.\nenum {\n";
    for mark in layout.used_marks() {
        text += &comment(&mark.doc, "    ");
        text += &format!("    RINGTAP_MARK_{} = 1 << {},\n", upper(&mark.name), mark.number);
    }
    text += "};\n\n/// Bits of `ringtap_packet_tcp_flags`.\nenum {\n";
    for Named { name, number, doc } in &layout.tcp_flags {
        text += &comment(doc, "    ");
        text += &format!("    RINGTAP_TCP_{} = 1 << {number},\n", upper(name));
    }
    text += "};\n\n#endif\n";
    text
}

/// An accessor, in C's words.
struct C {
    name: String,
    doc: &'static str,
    /// The type of what it gives.
    ty: String,
    value: String,
    /// When the packet has it; `None` is always.
    there: Option<String>,
}

impl C {
    fn of(layout: &Layout, accessor: &Accessor) -> Result<Self> {
        let (ty, value) = match accessor.value {
            Value::Number(name) => (unsigned(layout.field(name)?.size), field(name)),
            Value::TcpFlags => ("uint16_t", field("tcp-flags")),
            Value::Mark(mark) => ("bool", marked(mark)),
            Value::Mac(name) => (
                "ringtap_mac",
                format!(
                    "ringtap_mac_of({}, {})",
                    field(&format!("{name}-hi")),
                    field(&format!("{name}-lo"))
                ),
            ),
            Value::Address(name) => (
                "ringtap_address",
                format!(
                    "ringtap_address_of({}, {}, {})",
                    field("ip-version"),
                    field(&format!("{name}-hi")),
                    field(&format!("{name}-lo"))
                ),
            ),
        };
        let there = match accessor.there {
            There::Always => None,
            There::Marked(mark) => Some(marked(mark)),
            There::IpVersion => Some(format!("{} != 0", field("ip-version"))),
            There::Ip => Some("ringtap_packet_has_ip(packet)".to_owned()),
            There::IpId => Some("ringtap_packet_has_ip_id(packet)".to_owned()),
            There::Ip6 => {
                Some(format!("ringtap_packet_has_ip(packet) && {} == 6", field("ip-version")))
            }
        };
        Ok(Self { name: snake(accessor.name), doc: accessor.doc, ty: ty.to_owned(), value, there })
    }
}

fn packet(accessors: &[C]) -> String {
    let mut text = format!(
        "{HEADER}/// What a packet can be asked for. What it may not have answers whether it has it, and only then
/// writes the value:
///
///     uint16_t port;
///     if (ringtap_packet_dst_port(packet, &port) && port == 53) …
#ifndef RINGTAP_RECORD_H
#define RINGTAP_RECORD_H

#include \"ringtap/packet.h\"
"
    );
    for C { name, doc, ty, value, there } in accessors {
        let doc = comment(doc, "");
        text += &match there {
            None => format!(
                "
{doc}static inline {ty} ringtap_packet_{name}(ringtap_packet packet) {{
    return {value};
}}
"
            ),
            Some(there) => format!(
                "
{doc}static inline bool ringtap_packet_{name}(ringtap_packet packet, {ty} *out) {{
    bool is_there = {there};
    if (is_there) {{
        *out = {value};
    }}
    return is_there;
}}
"
            ),
        };
    }
    text + "\n#endif\n"
}

fn methods(accessors: &[C]) -> String {
    let mut text = format!("{HEADER}// Methods of `ringtap::Packet`.\n");
    for C { name, doc, ty, there, .. } in accessors {
        let ty = match ty.as_str() {
            "ringtap_address" => "Address",
            "ringtap_mac" => "Mac",
            other => other,
        };
        text += &comment(doc, "");
        text += &match there {
            None => format!("{ty} {name}() const {{ return ringtap_packet_{name}(packet_); }}\n"),
            Some(_) => format!(
                "Optional<{ty}> {name}() const {{ return asked<{ty}>(ringtap_packet_{name}); }}\n"
            ),
        };
    }
    text
}

/// Of the fields, for tests that set them by their names.
fn table(layout: &Layout) -> String {
    let mut text = format!("{HEADER}// Name, offset and size of each field.\n");
    for Field { name, offset, size, .. } in &layout.fields {
        text += &format!("{{\"{}\", {offset}, {size}}},\n", snake(name));
    }
    text
}

fn field(name: &str) -> String {
    format!("ringtap_field_{}(packet.record)", snake(name))
}

fn marked(mark: &str) -> String {
    format!("ringtap_packet_has(packet, RINGTAP_MARK_{})", upper(mark))
}

fn unsigned(size: usize) -> &'static str {
    match size {
        1 => "uint8_t",
        2 => "uint16_t",
        4 => "uint32_t",
        _ => "uint64_t",
    }
}

fn comment(doc: &str, indent: &str) -> String {
    wrapped(doc, 92).map(|line| format!("{indent}/// {line}\n").replace(" \n", "\n")).collect()
}
