//! The Python SDK's view of a record.

use super::{
    Made,
    accessors::{Accessor, There, Value},
    layout::{Field, Layout, Named},
    snake, upper, wrapped,
};

const HEADER: &str = "# Made by `cargo xtask codegen` from wit/layout.wit.\n";

pub(super) fn files(layout: &Layout, accessors: &[Accessor]) -> Vec<Made> {
    vec![Made { path: "sdk/python/src/ringtap/record.py", text: record(layout, accessors) }]
}

fn record(layout: &Layout, accessors: &[Accessor]) -> String {
    let mut text = format!(
        "\"\"\"What a packet record holds, byte by byte.\"\"\"

{HEADER}
from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Final

from .address import MacAddress, ipv4, ipv4_text, ipv6, ipv6_text
from .unpack import u16, u32, u64

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

RECORD_SIZE: Final = {}
\"\"\"Bytes of a record that this SDK knows. A newer host's records may be longer.\"\"\"
",
        layout.size
    );
    text += &flags("Mark", "Bits of `Fields.marks`.", layout.used_marks());
    text += &flags("TcpFlags", "Bits of `Packet.tcp_flags`.", layout.tcp_flags.iter());
    text += &fields(layout);
    text += &conditions(layout);
    text += &packet(layout, accessors);
    text += "\n\nFIELDS: Final[dict[str, tuple[int, int]]] = {\n";
    for Field { name, offset, size, .. } in &layout.fields {
        text += &format!("    {:?}: ({offset}, {size}),\n", snake(name));
    }
    text + "}\n\"\"\"Offset and size of each field.\"\"\"\n"
}

fn flags<'a>(name: &str, doc: &str, bits: impl Iterator<Item = &'a Named>) -> String {
    let mut text = format!("\n\nclass {name}(IntFlag):\n    \"\"\"{doc}\"\"\"\n");
    for Named { name, number, doc } in bits {
        let name = upper(name);
        text += &format!("\n    {name} = 1 << {number}\n{}", docstring(doc, "    "));
    }
    text
}

fn fields(layout: &Layout) -> String {
    let mut text = "

class Fields:
    \"\"\"The fields of a record as they are, where 0 may mean that the packet has no such thing.

    The accessors of `Packet` tell; these are for what it has no accessor for.
    \"\"\"

    __slots__ = (\"_at\", \"_records\")

    def __init__(self, records: bytes, at: int = 0) -> None:
        self._records = records
        self._at = at
"
    .to_owned();
    for field in &layout.fields {
        text += &property(&snake(&field.name), &field.doc, "int", &[read(field)]);
    }
    text
}

/// Of what several accessors depend on.
fn conditions(layout: &Layout) -> String {
    let of_packet = |text: String| text.replace("self.", "packet.");
    let version = of_packet(read(field_of(layout, "ip-version")));
    let len = of_packet(read(field_of(layout, "ip-len")));
    let fragment = of_packet(marked(layout, "ip6-fragment-header"));
    format!(
        "

def _has_ip(packet: Accessors) -> bool:
    \"\"\"No packet whose fixed IP header was there has the length 0.\"\"\"
    return {version} != 0 and {len} != 0


def _has_ip_id(packet: Accessors) -> bool:
    \"\"\"IPv6 has an identification in its fragment header only.\"\"\"
    has_fragment = {fragment}
    return _has_ip(packet) and ({version} == 4 or has_fragment)
"
    )
}

fn packet(layout: &Layout, accessors: &[Accessor]) -> String {
    let mut text = "

class Accessors:
    \"\"\"What a record has a field for. A property is `None` where the packet has no such thing.\"\"\"

    __slots__ = (\"_at\", \"_records\")

    def __init__(self, records: bytes, at: int = 0) -> None:
        self._records = records
        self._at = at
"
    .to_owned();
    for accessor in accessors {
        let (ty, mut value) = value(layout, accessor.value);
        let mut ty = ty.to_owned();
        if let Some(there) = there(layout, accessor.there) {
            ty += " | None";
            let absent =
                if there.contains(" ") { format!("not ({there})") } else { format!("not {there}") };
            value.insert(0, format!("if {absent}:\n            return None"));
        }
        text += &property(&snake(accessor.name), accessor.doc, &ty, &value);
        if matches!(accessor.value, Value::Address(_)) {
            let doc = format!("{} as text (RFC 5952).", accessor.doc.trim_end_matches('.'));
            let value: Vec<_> = value
                .iter()
                .map(|line| line.replace("ipv4(", "ipv4_text(").replace("ipv6(", "ipv6_text("))
                .collect();
            text +=
                &property(&format!("{}_text", snake(accessor.name)), &doc, "str | None", &value);
        }
    }
    text
}

/// The type, and the statements of which the last is an expression.
fn value(layout: &Layout, value: Value) -> (&'static str, Vec<String>) {
    match value {
        Value::Number(field) => ("int", vec![read(field_of(layout, field))]),
        Value::TcpFlags => {
            ("TcpFlags", vec![format!("TcpFlags({})", read(field_of(layout, "tcp-flags")))])
        }
        Value::Mark(mark) => ("bool", vec![marked(layout, mark)]),
        Value::Mac(field) => {
            let [hi, lo] = halves(layout, field);
            ("MacAddress", vec![hi, lo, "MacAddress.from_number(hi << 16 | lo)".to_owned()])
        }
        Value::Address(field) => {
            let [hi, lo] = halves(layout, field);
            let version = read(field_of(layout, "ip-version"));
            let v4 = format!("if {version} == 4:\n            return ipv4(lo & 0xFFFFFFFF)");
            ("IPv4Address | IPv6Address", vec![lo, v4, hi, "ipv6(hi << 64 | lo)".to_owned()])
        }
    }
}

fn halves(layout: &Layout, name: &str) -> [String; 2] {
    ["hi", "lo"]
        .map(|half| format!("{half} = {}", read(field_of(layout, &format!("{name}-{half}")))))
}

fn there(layout: &Layout, there: There) -> Option<String> {
    let version = read(field_of(layout, "ip-version"));
    Some(match there {
        There::Always => return None,
        There::Marked(mark) => marked_bits(layout, mark),
        There::IpVersion => version,
        There::Ip => "_has_ip(self)".to_owned(),
        There::IpId => "_has_ip_id(self)".to_owned(),
        There::Ip6 => format!("_has_ip(self) and {version} == 6"),
    })
}

fn marked(layout: &Layout, mark: &str) -> String {
    format!("{} != 0", marked_bits(layout, mark))
}

fn marked_bits(layout: &Layout, mark: &str) -> String {
    let bit = layout.marks.iter().find(|known| known.name == mark).map_or(0, |mark| mark.number);
    format!("{} & {:#x}", read(field_of(layout, "marks")), 1_u32 << bit)
}

/// `accessors::of` has made sure that it is there.
fn field_of<'a>(layout: &'a Layout, name: &str) -> &'a Field {
    layout.fields.iter().find(|field| field.name == name).expect("the layout has the field")
}

fn read(Field { offset, size, .. }: &Field) -> String {
    let at = if *offset == 0 { "self._at".to_owned() } else { format!("self._at + {offset}") };
    match size {
        1 => format!("self._records[{at}]"),
        2 => format!("u16(self._records, {at})[0]"),
        4 => format!("u32(self._records, {at})[0]"),
        _ => format!("u64(self._records, {at})[0]"),
    }
}

fn property(name: &str, doc: &str, ty: &str, body: &[String]) -> String {
    let mut text =
        format!("\n    @property\n    def {name}(self) -> {ty}:\n{}", docstring(doc, "        "));
    let (last, before) = body.split_last().expect("a property has a value");
    for line in before {
        text += &format!("        {line}\n");
    }
    text + &format!("        return {last}\n")
}

fn docstring(doc: &str, indent: &str) -> String {
    let quoted = format!("\"\"\"{}\"\"\"", doc.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut lines: Vec<_> = wrapped(&quoted, 99 - indent.len()).collect();
    if let [_, .., last] = &mut lines[..] {
        last.truncate(last.len() - 3);
        lines.push("\"\"\"".to_owned());
    }
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}
