use super::{NameOf, Set, in_words};
use crate::Dimension;

/// Two wishes that no packet can meet at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    left: (Dimension, Set),
    right: (Dimension, Set),
}

impl Conflict {
    pub(super) fn new(left: (Dimension, &Set), right: (Dimension, &Set)) -> Self {
        Self { left: (left.0, left.1.clone()), right: (right.0, right.1.clone()) }
    }

    pub(crate) fn in_words(&self, name_of: NameOf<'_>) -> String {
        let [left, right] =
            [&self.left, &self.right].map(|(one, set)| in_words(*one, set, name_of));
        format!("{left} and {right} exclude each other")
    }
}
