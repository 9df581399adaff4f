//! The JavaScript SDK's view of a record. Types stand in JSDoc; `npm run types` in sdk/js makes the
//! `.d.ts` files of them.

use super::{
    Made,
    accessors::{Accessor, There, Value},
    layout::{Field, Layout, Named},
    upper, wrapped,
};

const HEADER: &str = "// Made by `cargo xtask codegen` from wit/layout.wit.\n";

pub(super) fn files(layout: &Layout, accessors: &[Accessor]) -> Vec<Made> {
    vec![Made { path: "sdk/js/src/record.js", text: record(layout, accessors) }]
}

fn record(layout: &Layout, accessors: &[Accessor]) -> String {
    let mut text = format!(
        "{HEADER}
import {{ addressBytes, addressText, macText }} from \"./address.js\";
import {{ RecordView }} from \"./record-view.js\";

/** Bytes of a record that this SDK knows. A newer host's records may be longer. */
export const RECORD_SIZE = {};
",
        layout.size
    );
    text += &numbers("mark", "Bits of `marks`.", layout.used_marks());
    text += &numbers("tcp", "Bits of `tcpFlags`.", layout.tcp_flags.iter());
    text += &fields(layout);
    text += &conditions(layout);
    text += &packet(layout, accessors);
    text += "\n/**
 * Name, offset and size of each field.
 *
 * @type {ReadonlyArray<readonly [string, number, number]>}
 */
export const FIELDS = [\n";
    for Field { name, offset, size, .. } in &layout.fields {
        text += &format!("  [{:?}, {offset}, {size}],\n", camel(name));
    }
    text + "];\n"
}

fn numbers<'a>(name: &str, doc: &str, bits: impl Iterator<Item = &'a Named>) -> String {
    let mut text = format!("\n/** {doc} */\nexport const {name} = Object.freeze({{\n");
    for Named { name, number, doc } in bits {
        let name = upper(name);
        text += &format!("{}  {name}: {},\n", comment(doc, "  ", None), 1_u32 << number);
    }
    text + "});\n"
}

fn fields(layout: &Layout) -> String {
    let mut text = "
/**
 * The fields of a record as they are, where 0 may mean that the packet has no such thing. The
 * accessors of `Packet` tell; these are for what it has no accessor for. Those of 64 bits are
 * BigInts.
 */
export class Fields extends RecordView {"
        .to_owned();
    for field in &layout.fields {
        let ty = if field.size == 8 { "bigint" } else { "number" };
        text += &format!(
            "\n{}  get {}() {{\n    return {};\n  }}\n",
            comment(&field.doc, "  ", Some(ty)),
            camel(&field.name),
            read(field)
        );
    }
    text.replacen("{\n\n", "{\n", 1) + "}\n"
}

/// Of what several accessors depend on.
fn conditions(layout: &Layout) -> String {
    let of_packet = |text: String| text.replace("this.", "packet.");
    let version = of_packet(read(field_of(layout, "ip-version")));
    let len = of_packet(read(field_of(layout, "ip-len")));
    let fragment = of_packet(marked(layout, "ip6-fragment-header"));
    format!(
        "
/**
 * No packet whose fixed IP header was there has the length 0.
 *
 * @param {{Accessors}} packet
 */
function hasIp(packet) {{
  const hasLength = {len} !== 0;
  return hasLength && {version} !== 0;
}}

/**
 * IPv6 has an identification in its fragment header only.
 *
 * @param {{Accessors}} packet
 */
function hasIpId(packet) {{
  const hasFragment = {fragment};
  return hasIp(packet) && ({version} === 4 || hasFragment);
}}
"
    )
}

fn packet(layout: &Layout, accessors: &[Accessor]) -> String {
    let mut text = "
/** What a record has a field for. An accessor is `undefined` where the packet has no such thing. */
export class Accessors extends RecordView {"
        .to_owned();
    for accessor in accessors {
        for (name, doc, ty, value) in getters(layout, accessor) {
            let (ty, absent) = match absent(layout, accessor.there) {
                None => (ty.to_owned(), String::new()),
                Some(absent) => {
                    (format!("{ty} | undefined"), format!("    if ({absent}) return undefined;\n"))
                }
            };
            text += &format!(
                "\n{}  get {name}() {{\n{absent}    return {value};\n  }}\n",
                comment(&doc, "  ", Some(&ty))
            );
        }
    }
    text.replacen("{\n\n", "{\n", 1) + "}\n"
}

/// Name, documentation, type and expression of what stands for an accessor: addresses are a text and
/// bytes.
fn getters(layout: &Layout, accessor: &Accessor) -> Vec<(String, String, &'static str, String)> {
    let (name, doc) = (camel(accessor.name), accessor.doc.to_owned());
    match accessor.value {
        Value::Number(field) => {
            let field = field_of(layout, field);
            let ty = if field.size == 8 { "bigint" } else { "number" };
            vec![(name, doc, ty, read(field))]
        }
        Value::TcpFlags => {
            let doc = "TCP flags: the bits of `tcp`.".to_owned();
            vec![(name, doc, "number", read(field_of(layout, "tcp-flags")))]
        }
        Value::Mark(mark) => vec![(name, doc, "boolean", marked(layout, mark))],
        Value::Mac(field) => {
            let half = |half| read(field_of(layout, &format!("{field}-{half}")));
            vec![(name, doc, "string", format!("macText({}, {})", half("hi"), half("lo")))]
        }
        Value::Address(field) => {
            let at = field_of(layout, &format!("{field}-hi")).offset;
            let version = read(field_of(layout, "ip-version"));
            let call = |function| format!("{function}(this.u32, this.at + {}, {version})", at / 4);
            let text = format!("{} as text (RFC 5952).", doc.trim_end_matches('.'));
            let bytes = format!(
                "{} as its 4 or 16 bytes in network order, in a new array.",
                doc.trim_end_matches('.')
            );
            vec![
                (name.clone(), text, "string", call("addressText")),
                (format!("{name}Bytes"), bytes, "Uint8Array", call("addressBytes")),
            ]
        }
    }
}

/// When it is not there.
fn absent(layout: &Layout, there: There) -> Option<String> {
    let version = read(field_of(layout, "ip-version"));
    Some(match there {
        There::Always => return None,
        There::Marked(mark) => marked(layout, mark).replace("!==", "==="),
        There::IpVersion => format!("{version} === 0"),
        There::Ip => "!hasIp(this)".to_owned(),
        There::IpId => "!hasIpId(this)".to_owned(),
        There::Ip6 => format!("!hasIp(this) || {version} !== 6"),
    })
}

fn marked(layout: &Layout, mark: &str) -> String {
    let bit = layout.marks.iter().find(|known| known.name == mark).map_or(0, |mark| mark.number);
    format!("({} & {}) !== 0", read(field_of(layout, "marks")), 1_u32 << bit)
}

/// `accessors::of` has made sure that it is there.
fn field_of<'a>(layout: &'a Layout, name: &str) -> &'a Field {
    layout.fields.iter().find(|field| field.name == name).expect("the layout has the field")
}

/// Records start at words: all sizes divide their offsets, and the size of a record is divided by 8.
fn read(Field { offset, size, .. }: &Field) -> String {
    let at = |factor: &str, offset: usize| match offset {
        0 => format!("this.at{factor}"),
        offset => format!("this.at{factor} + {offset}"),
    };
    match size {
        1 => format!("this.u8[{}]", at(" * 4", *offset)),
        2 => format!("this.u16[{}]", at(" * 2", offset / 2)),
        4 => format!("this.u32[{}]", at("", offset / 4)),
        _ => format!("this.view.getBigUint64({}, true)", at(" * 4", *offset)),
    }
}

fn camel(name: &str) -> String {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| {
        let (initial, rest) = part.split_at(1);
        name + &initial.to_uppercase() + rest
    })
}

/// A JSDoc comment, with the type of a getter.
fn comment(doc: &str, indent: &str, ty: Option<&str>) -> String {
    let mut lines: Vec<_> = wrapped(doc, 92 - indent.len()).collect();
    let Some(ty) = ty else {
        if let [line] = &lines[..] {
            return format!("{indent}/** {line} */\n");
        }
        return block(&lines, indent);
    };
    lines.extend([String::new(), format!("@returns {{{ty}}}")]);
    block(&lines, indent)
}

fn block(lines: &[String], indent: &str) -> String {
    let lines: String = lines
        .iter()
        .map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n")
        .collect();
    format!("{indent}/**\n{lines}{indent} */\n")
}
