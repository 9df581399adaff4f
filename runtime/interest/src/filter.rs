use std::{fmt, str::FromStr};

use crate::{
    Keys, Reason, Rule,
    lang::{self, FilterError},
    rule::{Abort, lower, normalize, rule_in_words},
};

/// A filter that can be compiled: at least one packet can match, and it takes 1 to
/// [`MAX_RULES`](crate::MAX_RULES) rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    rules: Vec<Rule>,
    interfaces: Vec<String>,
}

impl Filter {
    /// Read a filter in [the language](crate::lang). The empty one takes every packet.
    ///
    /// Takes bounded time and memory, whatever is in the text.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let expr = lang::parse(text)?;
        let mut interfaces = Vec::new();
        let formula = lower(&expr, &mut interfaces);
        let rules = normalize(&formula).map_err(|(abort, span)| {
            let reason = match abort {
                Abort::TooManyRules => Reason::TooManyRules,
                Abort::TooComplex => Reason::TooComplex,
                Abort::Nothing(conflict) => {
                    let never = || "this is never true".to_owned();
                    let name = |number| name_of(&interfaces, number);
                    let conflict = conflict.map_or_else(never, |one| one.in_words(&name));
                    Reason::NeverMatches { conflict }
                }
            };
            FilterError::new(reason, span, text)
        })?;
        Ok(Self { text: text.to_owned(), rules, interfaces })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A packet matches if it matches one of them. In the dimension of interfaces, numbers are those
    /// of [`interfaces`](Self::interfaces).
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Names of the interfaces that the filter speaks of. Those that there are no taps on match no
    /// packet.
    pub fn interfaces(&self) -> &[String] {
        &self.interfaces
    }

    /// The rules in words, one each.
    pub fn in_words(&self) -> impl Iterator<Item = String> {
        self.rules
            .iter()
            .map(|rule| rule_in_words(rule, &|number| name_of(&self.interfaces, number)))
    }

    /// Whether a packet from the interface of that name matches, rule by rule and without tables.
    pub fn matches(&self, keys: &Keys, interface: &str) -> bool {
        let number = self.interfaces.iter().position(|name| name == interface);
        // One more than the last number is none of them.
        let ifindex = number.unwrap_or(self.interfaces.len()) as u32;
        let keys = Keys { ifindex, ..*keys };
        self.rules.iter().any(|rule| rule.turned_away_by(&keys).next().is_none())
    }
}

fn name_of(interfaces: &[String], number: u32) -> Option<&str> {
    interfaces.get(number as usize).map(String::as_str)
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        Self::parse(text)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
