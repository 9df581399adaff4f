use super::{
    Conflict, Rule, Rules,
    formula::{Formula, FormulaNode},
};
use crate::{MAX_RULES, lang::Span};

/// Rules on the way, at most: conjunctions and mergers can leave fewer.
const MAX_INTERIM: usize = 4 * MAX_RULES;

/// Pairs of rules that are looked at, at most; some tens of milliseconds.
const MAX_WORK: usize = 400_000;

/// Why there are no rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Abort {
    TooManyRules,
    TooComplex,
    /// No packet can match. Without a conflict, the condition there is never true on its own.
    Nothing(Option<Conflict>),
}

/// The formula as rules, one to [`MAX_RULES`]; or why not, and where.
pub(crate) fn normalize(formula: &Formula) -> Result<Vec<Rule>, (Abort, Span)> {
    let mut work = Work { left: MAX_WORK, nothing: None };
    let rules = work.rules(formula)?;
    match rules.len() {
        0 => {
            let (conflict, span) = work.nothing.unwrap_or((None, formula.span));
            Err((Abort::Nothing(conflict), span))
        }
        1..=MAX_RULES => Ok(rules),
        _ => Err((Abort::TooManyRules, formula.span)),
    }
}

struct Work {
    left: usize,
    /// The first place where nothing could match.
    nothing: Option<(Option<Conflict>, Span)>,
}

type Step<T> = Result<T, (Abort, Span)>;

impl Work {
    fn rules(&mut self, formula: &Formula) -> Step<Vec<Rule>> {
        match &formula.node {
            FormulaNode::Leaf(_, set) if set.is_empty() => {
                self.nothing.get_or_insert((None, formula.span));
                Ok(Vec::new())
            }
            FormulaNode::Leaf(dimension, set) => Ok(vec![Rule::of(*dimension, set.clone())]),
            FormulaNode::Or(parts) => self.any(parts, formula.span),
            FormulaNode::And(parts) => self.all(parts, formula.span),
        }
    }

    fn any(&mut self, parts: &[Formula], span: Span) -> Step<Vec<Rule>> {
        let mut rules = Rules::default();
        for part in parts {
            for rule in self.rules(part)? {
                self.insert(&mut rules, rule, span)?;
            }
        }
        Ok(rules.into_inner())
    }

    fn all(&mut self, parts: &[Formula], span: Span) -> Step<Vec<Rule>> {
        let mut operands = Vec::with_capacity(parts.len());
        for part in parts {
            operands.push(self.rules(part)?);
        }
        if operands.iter().any(Vec::is_empty) {
            return Ok(Vec::new());
        }
        // Those with few rules first: they make the others contradict themselves early.
        operands.sort_by_key(Vec::len);
        let mut rules = vec![Rule::default()];
        for operand in operands {
            rules = self.product(&rules, &operand, span)?;
        }
        Ok(rules)
    }

    /// Every rule with every other; those that contradict each other fall out.
    fn product(&mut self, left: &[Rule], right: &[Rule], span: Span) -> Step<Vec<Rule>> {
        let (mut rules, mut conflict) = (Rules::default(), None);
        for one in left {
            for other in right {
                self.spend(1, span)?;
                match one.and(other) {
                    Ok(both) => self.insert(&mut rules, both, span)?,
                    Err(error) => conflict = conflict.or(Some(error)),
                }
            }
        }
        let rules = rules.into_inner();
        if rules.is_empty() && !left.is_empty() {
            self.nothing.get_or_insert((conflict, span));
        }
        Ok(rules)
    }

    fn insert(&mut self, rules: &mut Rules, rule: Rule, span: Span) -> Step<()> {
        let pairs = rules.insert(rule);
        self.spend(pairs, span)?;
        if rules.len() > MAX_INTERIM { Err((Abort::TooManyRules, span)) } else { Ok(()) }
    }

    fn spend(&mut self, pairs: usize, span: Span) -> Step<()> {
        self.left = self.left.checked_sub(pairs).ok_or((Abort::TooComplex, span))?;
        Ok(())
    }
}
