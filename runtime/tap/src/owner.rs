use std::fmt;

use crate::bpf;

/// The names of our programs all begin so.
const OURS: &str = "ringtap_";

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

    /// Whether it is a tap, going by its name.
    pub fn is_tap(&self) -> bool {
        self.name.as_deref().is_some_and(|name| name.starts_with(OURS))
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) if self.is_tap() => {
                write!(f, "program {} (\"{name}\") of another ringtap", self.id)
            }
            Some(name) => write!(f, "program {} (\"{name}\")", self.id),
            None => write!(f, "program {}", self.id),
        }
    }
}

/// The name of a loaded BPF program: 15 characters at most. Takes CAP_SYS_ADMIN.
pub fn program_name(id: u32) -> Option<String> {
    bpf::program_name(id).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_ringtap_is_told_from_others() {
        let owner = |name: Option<&str>| Owner { id: 7, name: name.map(str::to_owned) };
        assert_eq!(owner(None).to_string(), "program 7");
        assert_eq!(owner(Some("cil_from_netdev")).to_string(), "program 7 (\"cil_from_netdev\")");
        let ours = "program 7 (\"ringtap_xdp\") of another ringtap";
        assert_eq!(owner(Some("ringtap_xdp")).to_string(), ours);
    }
}
