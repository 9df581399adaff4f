//! The package `ringtap:plugin` as a page of the book: every interface, function and type, with what
//! its text says of it.

use std::path::Path;

use anyhow::{Context, Result};
use wit_parser::{
    Docs, Function, Handle, Interface, InterfaceId, Resolve, Type, TypeDef, TypeDefKind, WorldItem,
};

use super::Made;

const INTRODUCTION: &str = "\
<!-- Made by `cargo xtask codegen` from wit/. -->

All that a plugin and its host call of each other, whatever the language; SDKs wrap it. It is made \
from the files in `wit/`, which `ringtap plugin new` puts into each project, and which `wit-bindgen` and its kin read. A plugin's own world names just \
what it imports and exports; `ringtap plugin build` writes it.
";

pub(super) fn files(wit: &Path) -> Result<Vec<Made>> {
    let mut resolve = Resolve::default();
    let (package, _) =
        resolve.push_dir(wit).with_context(|| format!("reading {}", wit.display()))?;
    let package = &resolve.packages[package];
    let world = *package.worlds.get("every-role").context("there is no world `every-role`")?;
    let world = &resolve.worlds[world];
    let mut text = format!("# The package {}\n\n{INTRODUCTION}", package.name);
    text += "\n## What a plugin exports\n";
    let ids = |items: Vec<&WorldItem>| -> Vec<InterfaceId> {
        let id = |item: &&WorldItem| match item {
            WorldItem::Interface { id, .. } => Some(*id),
            _ => None,
        };
        items.iter().filter_map(id).collect()
    };
    let (exports, imports) =
        (ids(world.exports.values().collect()), ids(world.imports.values().collect()));
    let types = |id: &&InterfaceId| resolve.interfaces[**id].functions.is_empty();
    for id in &exports {
        text += &interface(&resolve, &resolve.interfaces[*id])?;
    }
    text += "\n## What a plugin may import\n";
    for id in imports.iter().filter(|id| !types(id)) {
        text += &interface(&resolve, &resolve.interfaces[*id])?;
    }
    text += "\n## Types\n";
    for id in imports.iter().filter(types) {
        let interface_ = &resolve.interfaces[*id];
        match interface_.name.as_deref() {
            // It has a page of its own, as a table.
            Some("layout") => {
                let docs = docs(&interface_.docs);
                text +=
                    &format!("\n### `layout`\n{docs}\n[The packet record](record.md) lists it.\n");
            }
            _ => text += &interface(&resolve, interface_)?,
        }
    }
    Ok(vec![Made { path: "docs/wit.md", text }])
}

fn interface(resolve: &Resolve, interface: &Interface) -> Result<String> {
    let name = interface.name.as_deref().context("an interface of a package has a name")?;
    let mut text = format!("\n### `{name}`\n{}", docs(&interface.docs));
    for function in interface.functions.values() {
        text += &format!("\n#### `{name}.{}`\n", function.name);
        text += &format!("\n```wit\n{}\n```\n", signature(resolve, function));
        text += &docs(&function.docs);
    }
    let own = interface.types.values().map(|id| &resolve.types[*id]);
    // One that is only used here is described where it is defined.
    let own = own.filter(|one| !matches!(one.kind, TypeDefKind::Type(Type::Id(_))));
    for definition in own {
        text += &of_type(resolve, name, definition)?;
    }
    Ok(text)
}

fn of_type(resolve: &Resolve, interface: &str, definition: &TypeDef) -> Result<String> {
    let name = definition.name.as_deref().context("a type of an interface has a name")?;
    let heading =
        |what: &str| format!("\n#### {what} `{interface}.{name}`\n{}", docs(&definition.docs));
    let line = |name: &str, of: String, docs: &Docs| {
        let docs = one_line(docs);
        match of.is_empty() {
            true => format!("| `{name}` | | {docs} |\n"),
            false => format!("| `{name}` | `{of}` | {docs} |\n"),
        }
    };
    let kind = |of: Option<Type>| of.map(|of| type_name(resolve, &of)).unwrap_or_default();
    let table = |lines: String| format!("\n| | | |\n|---|---|---|\n{lines}");
    Ok(match &definition.kind {
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter();
            let lines = fields.map(|field| line(&field.name, kind(Some(field.ty)), &field.docs));
            heading("record") + &table(lines.collect())
        }
        TypeDefKind::Variant(variant) => {
            let lines =
                variant.cases.iter().map(|case| line(&case.name, kind(case.ty), &case.docs));
            heading("variant") + &table(lines.collect())
        }
        TypeDefKind::Enum(of) => {
            let lines = of.cases.iter().map(|case| line(&case.name, String::new(), &case.docs));
            heading("enum") + &table(lines.collect())
        }
        TypeDefKind::Flags(flags) => {
            let lines = flags.flags.iter().map(|flag| line(&flag.name, String::new(), &flag.docs));
            heading("flags") + &table(lines.collect())
        }
        TypeDefKind::Resource => heading("resource"),
        TypeDefKind::Type(of) => {
            format!("{}\nThe same as `{}`.\n", heading("type"), type_name(resolve, of))
        }
        _ => format!("{}\n`{}`\n", heading("type"), anonymous(resolve, &definition.kind)),
    })
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let parameter =
        |one: &wit_parser::Param| format!("{}: {}", one.name, type_name(resolve, &one.ty));
    let parameters: Vec<_> = function.params.iter().map(parameter).collect();
    let result = function.result.map(|of| format!(" -> {}", type_name(resolve, &of)));
    let name = &function.name;
    format!("{name}: func({}){}", parameters.join(", "), result.unwrap_or_default())
}

fn type_name(resolve: &Resolve, of: &Type) -> String {
    match of {
        Type::Bool => "bool".into(),
        Type::U8 => "u8".into(),
        Type::U16 => "u16".into(),
        Type::U32 => "u32".into(),
        Type::U64 => "u64".into(),
        Type::S8 => "s8".into(),
        Type::S16 => "s16".into(),
        Type::S32 => "s32".into(),
        Type::S64 => "s64".into(),
        Type::F32 => "f32".into(),
        Type::F64 => "f64".into(),
        Type::Char => "char".into(),
        Type::String => "string".into(),
        Type::ErrorContext => "error-context".into(),
        Type::Id(id) => {
            let definition = &resolve.types[*id];
            definition.name.clone().unwrap_or_else(|| anonymous(resolve, &definition.kind))
        }
    }
}

/// A type that is written where it is used.
fn anonymous(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let name = |of: &Type| type_name(resolve, of);
    match kind {
        TypeDefKind::List(of) => format!("list<{}>", name(of)),
        TypeDefKind::Option(of) => format!("option<{}>", name(of)),
        TypeDefKind::Tuple(tuple) => {
            format!("tuple<{}>", tuple.types.iter().map(name).collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Result(of) => match (of.ok.as_ref().map(name), of.err.as_ref().map(name)) {
            (None, None) => "result".into(),
            (Some(ok), None) => format!("result<{ok}>"),
            (ok, Some(error)) => format!("result<{}, {error}>", ok.unwrap_or_else(|| "_".into())),
        },
        TypeDefKind::Handle(Handle::Own(id)) => name(&Type::Id(*id)),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", name(&Type::Id(*id))),
        TypeDefKind::Type(of) => name(of),
        other => other.as_str().into(),
    }
}

/// A paragraph, with an empty line before it.
fn docs(docs: &Docs) -> String {
    docs.contents.as_deref().map(|text| format!("\n{}\n", text.trim())).unwrap_or_default()
}

/// In a table.
fn one_line(docs: &Docs) -> String {
    let text = docs.contents.as_deref().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
