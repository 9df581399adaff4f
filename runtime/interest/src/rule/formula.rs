use super::Set;
use crate::{Dimension, lang::Span};

/// A filter over sets, without negations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Formula {
    pub(super) span: Span,
    pub(super) node: FormulaNode,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FormulaNode {
    Leaf(Dimension, Set),
    /// All of them; without any, every packet.
    And(Vec<Formula>),
    /// One of them; without any, no packet.
    Or(Vec<Formula>),
}

/// Makes formulas for one place in a filter, negated if need be: De Morgan's laws on the way down.
#[derive(Clone, Copy)]
pub(super) struct Maker {
    pub(super) span: Span,
    pub(super) negated: bool,
}

impl Maker {
    pub(super) fn leaf(self, dimension: Dimension, set: Set) -> Formula {
        let set = if self.negated { set.not(dimension) } else { set };
        self.node(FormulaNode::Leaf(dimension, set))
    }

    /// The parts are already as they are wanted.
    pub(super) fn all(self, parts: Vec<Formula>) -> Formula {
        self.node(if self.negated { FormulaNode::Or(parts) } else { FormulaNode::And(parts) })
    }

    /// The parts are already as they are wanted.
    pub(super) fn any(self, parts: Vec<Formula>) -> Formula {
        self.node(if self.negated { FormulaNode::And(parts) } else { FormulaNode::Or(parts) })
    }

    fn node(self, node: FormulaNode) -> Formula {
        Formula { span: self.span, node }
    }
}
