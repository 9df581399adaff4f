//! The interface `layout` of `wit/`, as numbers.

use std::path::Path;

use anyhow::{Context, Result, bail};
use wit_parser::{Docs, Resolve, SizeAlign, Type, TypeDef, TypeDefKind, TypeId};

pub(super) struct Layout {
    /// Bytes of a record.
    pub(super) size: usize,
    /// In the order of their offsets.
    pub(super) fields: Vec<Field>,
    /// Bits of the field `marks`.
    pub(super) marks: Vec<Named>,
    /// Bits of the field `tcp-flags`.
    pub(super) tcp_flags: Vec<Named>,
    /// Values of the field `hook`.
    pub(super) hooks: Vec<Named>,
    /// Values of the field `direction`.
    pub(super) directions: Vec<Named>,
}

pub(super) struct Field {
    /// As in WIT: `tcp-seq`.
    pub(super) name: String,
    /// From the start of the record, in bytes.
    pub(super) offset: usize,
    /// In bytes: 1, 2, 4 or 8. The field is an unsigned integer, little-endian.
    pub(super) size: usize,
    pub(super) doc: String,
}

/// A bit, by its number, or a value.
pub(super) struct Named {
    /// As in WIT: `vlan-in-metadata`.
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) doc: String,
}

impl Layout {
    /// Read the package in a folder.
    pub(super) fn read(wit: &Path) -> Result<Self> {
        let mut resolve = Resolve::default();
        let (package, _) =
            resolve.push_dir(wit).with_context(|| format!("reading {}", wit.display()))?;
        let interfaces = &resolve.packages[package].interfaces;
        let interface = *interfaces.get("layout").context("there is no interface `layout`")?;
        let types = &resolve.interfaces[interface].types;
        let find = |name: &str| types.get(name).with_context(|| format!("there is no `{name}`"));
        let named = |name: &str| named(&resolve.types[*find(name)?]);
        let packet = *find("packet")?;
        Ok(Self {
            size: sizes(&resolve).size(&Type::Id(packet)).size_wasm32(),
            fields: fields(&resolve, packet)?,
            marks: named("mark")?,
            tcp_flags: named("tcp-flag")?,
            hooks: named("hook")?,
            directions: named("direction")?,
        })
    }

    pub(super) fn field(&self, name: &str) -> Result<&Field> {
        let found = self.fields.iter().find(|field| field.name == name);
        found.with_context(|| format!("a record has no field `{name}`"))
    }

    pub(super) fn mark(&self, name: &str) -> Result<&Named> {
        let found = self.marks.iter().find(|mark| mark.name == name);
        found.with_context(|| format!("there is no mark `{name}`"))
    }

    /// Bits of `marks` that mean something.
    pub(super) fn used_marks(&self) -> impl Iterator<Item = &Named> {
        self.marks.iter().filter(|mark| !mark.name.starts_with("reserved"))
    }
}

fn sizes(resolve: &Resolve) -> SizeAlign {
    let mut sizes = SizeAlign::default();
    sizes.fill(resolve);
    sizes
}

fn fields(resolve: &Resolve, packet: TypeId) -> Result<Vec<Field>> {
    let TypeDefKind::Record(record) = &resolve.types[packet].kind else {
        bail!("`packet` is no record");
    };
    let sizes = sizes(resolve);
    let offsets = sizes.field_offsets(record.fields.iter().map(|field| &field.ty));
    let fields = record.fields.iter().zip(offsets).map(|(field, (offset, ty))| {
        Ok(Field {
            name: field.name.clone(),
            offset: offset.size_wasm32(),
            size: sizes.size(ty).size_wasm32(),
            doc: text(&field.name, &field.docs)?,
        })
    });
    fields.collect()
}

fn named(of: &TypeDef) -> Result<Vec<Named>> {
    let cases: Vec<_> = match &of.kind {
        TypeDefKind::Flags(flags) => {
            flags.flags.iter().map(|flag| (&flag.name, &flag.docs)).collect()
        }
        TypeDefKind::Enum(all) => all.cases.iter().map(|case| (&case.name, &case.docs)).collect(),
        _ => bail!("`{}` is neither flags nor an enum", of.name.as_deref().unwrap_or_default()),
    };
    let named = (0..).zip(cases).map(|(number, (name, docs))| {
        Ok(Named { name: name.clone(), number, doc: text(name, docs)? })
    });
    named.collect()
}

fn text(of: &str, docs: &Docs) -> Result<String> {
    let text = docs.contents.as_deref().map(str::trim).filter(|text| !text.is_empty());
    Ok(text.with_context(|| format!("nothing says what `{of}` is"))?.to_owned())
}
