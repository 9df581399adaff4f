use ringtap_plugin::Inspected;
use serde::Serialize;

use crate::wanted::Wanted;

/// An interest that the plugin asks for, and what becomes of it. The refusals say why, where it is refused.
#[derive(Debug, Serialize)]
pub(super) struct Wish {
    name: String,
    asked: Wanted,
    /// `null` where it is refused.
    granted: Option<Wanted>,
}

impl Wish {
    pub(super) fn new(inspected: &Inspected) -> Self {
        let Inspected { asked, granted } = inspected;
        Self {
            name: asked.name.clone(),
            asked: asked.into(),
            granted: granted.as_ref().ok().map(Wanted::from),
        }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let Self { name, asked, granted } = self;
        let granted = granted.as_ref().map(|granted| format!("granted:  {name}: {granted}"));
        [format!("interest: {name}: {asked}")].into_iter().chain(granted)
    }
}
