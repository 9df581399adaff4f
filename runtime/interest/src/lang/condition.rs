//! One condition: a keyword, or values with what stands before them.

use ringtap_record::Direction;

use super::{
    Comparison, Expr, Field, Network, Node, Primitive, Reason, Relation, Side,
    parser::{CONDITION, MAX_CONDITIONS, Parsed, Parser},
    qualifier::{Kind, Qualifier, Within},
    refused,
    token::Token,
    value,
};

/// Words for protocols that are conditions on their own and stand before no other word.
const PROTOCOLS: [&str; 6] = ["icmp", "icmp6", "igmp", "esp", "pim", "vrrp"];

impl<'a> Parser<'a> {
    pub(super) fn condition(&mut self, word: &'a str) -> Parsed<Expr> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(self.error(Reason::TooManyConditions, self.span()));
        }
        if Within::from_word(word).is_some() || starts_qualifier(word) {
            return self.qualified();
        }
        let start = self.span();
        let Some(primitive) = self.keyword(word)? else { return self.bare(word) };
        self.qualifier = None;
        Ok(Expr { span: start.to(self.previous_span()), node: Node::Primitive(primitive) })
    }

    /// A condition that starts with a word of its own, or `None` where the word is none.
    fn keyword(&mut self, word: &'a str) -> Parsed<Option<Primitive>> {
        let known = value::protocol(word, None).ok().filter(|_| PROTOCOLS.contains(&word));
        let why = refused::word(word);
        if self.token(self.at + 1) != Token::OpenBracket
            && let Some(why) = why
        {
            let reason = value::unsupported(&format!("`{word}`"), why);
            return Err(self.error(reason, self.span()));
        }
        self.bump();
        Ok(Some(match word {
            _ if self.peek() == Token::OpenBracket => self.bytes(word)?,
            "inbound" => Primitive::Direction(Direction::Ingress),
            "outbound" => Primitive::Direction(Direction::Egress),
            "frag" => Primitive::Fragment,
            "vlan" => self.vlan()?,
            "tcp-flags" => self.tcp_flags()?,
            "less" => self.length(Some(Relation::AtMost))?,
            "greater" => self.length(Some(Relation::AtLeast))?,
            "len" => self.length(None)?,
            "ttl" => {
                let number = |word: &str| value::number(word, "TTL", u32::from(u8::MAX));
                Primitive::Field(Field::Ttl, self.comparison(number, "a TTL")?)
            }
            "dscp" => Primitive::Field(Field::Dscp, self.comparison(value::dscp, "a DSCP")?),
            _ => match known {
                Some(number) => Primitive::Protocol { within: protocol_home(word), number },
                None => {
                    self.at -= 1;
                    return Ok(None);
                }
            },
        }))
    }

    fn vlan(&mut self) -> Parsed<Primitive> {
        let Token::Word(word) = self.peek() else { return Ok(Primitive::Vlan(None)) };
        self.bump();
        let id = self.at_previous(value::number(word, "VLAN id", 4095))?;
        Ok(Primitive::Vlan(Some(id as u16)))
    }

    /// `less` and `greater` say the relation, `len` must be followed by one.
    fn length(&mut self, relation: Option<Relation>) -> Parsed<Primitive> {
        let stands = matches!(self.peek(), Token::Relation(_));
        match relation {
            None if !stands => return self.expected("a comparison such as `<= 100`"),
            Some(_) if stands => return self.expected("a length"),
            _ => {}
        }
        let number = |word: &str| value::number(word, "length", u32::MAX);
        let Comparison { relation: said, value } = self.comparison(number, "a length")?;
        let relation = relation.unwrap_or(said);
        Ok(Primitive::Field(Field::Length, Comparison { relation, value }))
    }

    /// A condition that starts with a protocol, a direction or a type; or just a protocol.
    fn qualified(&mut self) -> Parsed<Expr> {
        let start = self.span();
        let within = self.word(Within::from_word);
        if let Some(within) = within
            && !matches!(self.peek(), Token::Word(word) if starts_qualifier(word))
        {
            let primitive = match (self.peek(), self.previous_word()) {
                (Token::OpenBracket, Some(word)) => self.bytes(word)?,
                _ => within.primitive(),
            };
            self.refuse_word_after_protocol()?;
            self.qualifier = None;
            let span = start.to(self.previous_span());
            return Ok(Expr { span, node: Node::Primitive(primitive) });
        }
        let side = self.side();
        let kind = self.word(Kind::from_word).unwrap_or(Kind::Host);
        let qualifier = Qualifier { within, side, kind };
        if let Err(why) = qualifier.check() {
            let span = start.to(self.previous_span());
            let found = format!("`{}`", self.text.get(span.start..span.end).unwrap_or_default());
            return Err(self.error(value::unsupported(&found, why), span));
        }
        self.qualifier = Some(qualifier);
        let values = self.id()?;
        Ok(Expr { span: start.to(values.span), node: values.node })
    }

    /// `ip multicast` and the like: a reason is better than "expected `and`".
    fn refuse_word_after_protocol(&mut self) -> Parsed<()> {
        match self.peek() {
            Token::Word(word) => match refused::word(word) {
                Some(why) => {
                    let reason = value::unsupported(&format!("`{word}`"), why);
                    Err(self.error(reason, self.span()))
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// `src`, `dst`, `src or dst`, `src and dst`, in either order.
    fn side(&mut self) -> Option<Side> {
        let first = self.word(side_word)?;
        let joined = match (self.peek(), self.token(self.at + 1)) {
            (Token::Or, Token::Word(word)) => side_word(word).map(|other| (other, Side::Either)),
            (Token::And, Token::Word(word)) => side_word(word).map(|other| (other, Side::Both)),
            _ => None,
        };
        match joined {
            Some((other, both)) if other != first => {
                self.bump();
                self.bump();
                Some(both)
            }
            _ => Some(first),
        }
    }

    /// One value, or several in parentheses, under the current qualifier.
    pub(super) fn id(&mut self) -> Parsed<Expr> {
        let Some(qualifier) = self.qualifier else { return self.expected(CONDITION) };
        match self.peek() {
            Token::Not => self.negation(Self::id),
            Token::Open => self.parenthesised(Self::id),
            Token::Word(word) => self.value(qualifier, word),
            _ => self.expected(qualifier.kind.expects()),
        }
    }

    fn value(&mut self, qualifier: Qualifier, word: &'a str) -> Parsed<Expr> {
        let start = self.span();
        self.bump();
        let mut mask = None;
        if qualifier.kind == Kind::Net && self.peek() == Token::Word("mask") {
            self.bump();
            let Token::Word(word) = self.peek() else { return self.expected("a mask") };
            self.bump();
            mask = Some(word);
        }
        let span = start.to(self.previous_span());
        let primitive = qualifier.primitive(word, mask);
        let primitive = primitive.map_err(|reason| self.error(reason, span))?;
        Ok(Expr { span, node: Node::Primitive(primitive) })
    }

    /// A value without a keyword takes that of the condition before it.
    fn bare(&mut self, word: &'a str) -> Parsed<Expr> {
        match self.qualifier {
            Some(qualifier) => self.value(qualifier, word),
            None => self.expected(CONDITION),
        }
    }

    fn word<T>(&mut self, from_word: impl Fn(&str) -> Option<T>) -> Option<T> {
        let Token::Word(word) = self.peek() else { return None };
        let meaning = from_word(word)?;
        self.bump();
        Some(meaning)
    }
}

/// These are spoken of in one version of IP, as in libpcap.
fn protocol_home(word: &str) -> Option<Network> {
    match word {
        "icmp" | "igmp" | "vrrp" => Some(Network::Ip),
        "icmp6" => Some(Network::Ip6),
        _ => None,
    }
}

fn starts_qualifier(word: &str) -> bool {
    side_word(word).is_some() || Kind::from_word(word).is_some()
}

fn side_word(word: &str) -> Option<Side> {
    match word {
        "src" => Some(Side::Source),
        "dst" => Some(Side::Destination),
        _ => None,
    }
}
