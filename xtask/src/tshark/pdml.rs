//! tshark's `-T pdml`: the dissection of each packet as a tree of protocols and fields.

use std::io::BufRead;

use anyhow::Context;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// The protocols of one packet, outermost first.
#[derive(Debug, Default)]
pub(super) struct Packet {
    pub(super) protocols: Vec<Protocol>,
}

/// A protocol with the fields of everything nested in it, in the order of the dissection.
#[derive(Debug, Default)]
pub(super) struct Protocol {
    pub(super) name: String,
    fields: Vec<(String, String)>,
}

impl Protocol {
    /// What the first field of that name shows.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let (_, show) = self.fields.iter().find(|(other, _)| other == name)?;
        Some(show)
    }

    /// What all fields of these names show.
    pub(super) fn all<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter().filter(|(name, _)| names.contains(&name.as_str()));
        fields.map(|(_, show)| show.as_str())
    }
}

/// Give every packet to `each`.
pub(super) fn read(
    input: impl BufRead,
    mut each: impl FnMut(&Packet) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut reader = Reader::from_reader(input);
    let (mut buffer, mut packet, mut depth) = (Vec::new(), Packet::default(), 0_u32);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).context("tshark's output is no PDML")? {
            Event::Eof => return Ok(()),
            Event::Start(tag) => {
                open(&tag, depth, &mut packet)?;
                depth += u32::from(tag.name().as_ref() == b"proto");
            }
            Event::Empty(tag) => open(&tag, depth, &mut packet)?,
            Event::End(tag) => match tag.name().as_ref() {
                b"proto" => depth = depth.saturating_sub(1),
                b"packet" => each(&std::mem::take(&mut packet))?,
                _ => {}
            },
            _ => {}
        }
    }
}

fn open(tag: &BytesStart<'_>, depth: u32, packet: &mut Packet) -> anyhow::Result<()> {
    match tag.name().as_ref() {
        b"proto" if depth == 0 => {
            let name = attribute(tag, "name")?;
            packet.protocols.push(Protocol { name, fields: Vec::new() });
        }
        b"field" => {
            let field = (attribute(tag, "name")?, attribute(tag, "show")?);
            if let Some(protocol) = packet.protocols.last_mut() {
                protocol.fields.push(field);
            }
        }
        _ => {}
    }
    Ok(())
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> anyhow::Result<String> {
    let attribute = tag.try_get_attribute(name).context("tshark's output is no PDML")?;
    Ok(attribute.map_or_else(String::new, |attribute| {
        String::from_utf8_lossy(&attribute.value).into_owned()
    }))
}
