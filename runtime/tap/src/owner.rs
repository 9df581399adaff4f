use std::fmt;

use aya::programs::loaded_programs;

/// The program that holds a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// As in `bpftool prog show id ID`.
    pub id: u32,
    /// `None` when the kernel does not tell us.
    pub name: Option<String>,
}

impl Owner {
    /// The program of that id.
    pub fn of(id: u32) -> Self {
        Self { id, name: program_name(id) }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "program {} (\"{name}\")", self.id),
            None => write!(f, "program {}", self.id),
        }
    }
}

/// The name of a loaded BPF program: 15 characters at most.
pub fn program_name(id: u32) -> Option<String> {
    let program = loaded_programs().filter_map(Result::ok).find(|program| program.id() == id)?;
    program.name_as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}
