//! `tcp[tcpflags]` and `tcp-flags`.

use super::{
    Comparison, Primitive, Reason, Relation,
    names::flag_bit,
    parser::{Parsed, Parser},
    refused,
    token::Token,
    value,
};

/// Where the flags stand in a TCP header.
const FLAGS_AT: [&str; 3] = ["tcpflags", "13", "13:1"];

impl<'a> Parser<'a> {
    /// From the bracket on.
    pub(super) fn bytes(&mut self, protocol: &'a str) -> Parsed<Primitive> {
        let start = self.previous_span();
        self.bump();
        let Token::Word(index) = self.peek() else { return self.expected("what to look at") };
        self.bump();
        if protocol != "tcp" || !FLAGS_AT.contains(&index) {
            if self.peek() == Token::CloseBracket {
                self.bump();
            }
            let why = refused::bytes(protocol, index);
            let found = format!("`{protocol}[{index}]`");
            return Err(self.error(value::unsupported(&found, why), start.to(self.previous_span())));
        }
        self.expect(Token::CloseBracket, "`]`")?;
        let mask = self.mask()?;
        // `(tcp[tcpflags] & tcp-syn) != 0`
        if self.in_group && self.peek() == Token::Close {
            self.bump();
        }
        let Token::Relation(relation) = self.peek() else {
            return self.expected("a comparison such as `!= 0`");
        };
        self.bump();
        let value = u32::from(self.flags()?);
        Ok(Primitive::TcpByte { mask, comparison: Comparison { relation, value } })
    }

    fn mask(&mut self) -> Parsed<u8> {
        if self.peek() != Token::Ampersand {
            return Ok(u8::MAX);
        }
        self.bump();
        let mask = self.flag_term()?;
        if matches!(self.peek(), Token::Bar | Token::Ampersand) {
            return self.expected("a comparison, or parentheses around the flags");
        }
        Ok(mask)
    }

    /// `a|b|c`, where each can be in parentheses.
    fn flags(&mut self) -> Parsed<u8> {
        let mut flags = self.flag_term()?;
        while self.peek() == Token::Bar {
            self.bump();
            flags |= self.flag_term()?;
        }
        Ok(flags)
    }

    fn flag_term(&mut self) -> Parsed<u8> {
        if self.peek() == Token::Open {
            self.bump();
            let flags = self.nested(Self::flags)?;
            self.expect(Token::Close, "`|` or `)`")?;
            return Ok(flags);
        }
        let Token::Word(word) = self.peek() else {
            return self.expected("a TCP flag such as `tcp-syn`, or a number");
        };
        self.bump();
        match word.strip_prefix("tcp-").and_then(flag_bit) {
            Some(bit) => Ok(bit),
            None if word.starts_with(|c: char| c.is_ascii_digit()) => {
                let number = value::number(word, "byte", u32::from(u8::MAX));
                Ok(self.at_previous(number)? as u8)
            }
            None => self.at_previous(Err(no_flag(
                word,
                "tcp-fin, tcp-syn, tcp-rst, tcp-push, tcp-ack, tcp-urg, tcp-ece, tcp-cwr",
            ))),
        }
    }

    /// After `tcp-flags`: names, `!` before those that must be clear, commas between.
    pub(super) fn tcp_flags(&mut self) -> Parsed<Primitive> {
        let (mut set, mut clear) = (0, 0);
        loop {
            let negated = self.peek() == Token::Not;
            if negated {
                self.bump();
            }
            let Token::Word(word) = self.peek() else {
                return self.expected("a TCP flag such as `syn`");
            };
            self.bump();
            let names = "fin, syn, rst, psh, ack, urg, ece, cwr";
            let bit = self.at_previous(flag_bit(word).ok_or_else(|| no_flag(word, names)))?;
            *(if negated { &mut clear } else { &mut set }) |= bit;
            if self.peek() != Token::Comma {
                break;
            }
            self.bump();
        }
        if set & clear == 0 {
            return Ok(Primitive::TcpFlags { set, clear });
        }
        let conflict = "a flag can't be both set and clear".to_owned();
        self.at_previous(Err(Reason::NeverMatches { conflict }))
    }

    /// `[REL] N` after a field's name; `=` where no relation stands.
    pub(super) fn comparison(
        &mut self,
        number: impl Fn(&str) -> Result<u32, Reason>,
        expected: &'static str,
    ) -> Parsed<Comparison> {
        let relation = match self.peek() {
            Token::Relation(relation) => {
                self.bump();
                relation
            }
            _ => Relation::Equal,
        };
        let Token::Word(word) = self.peek() else { return self.expected(expected) };
        self.bump();
        let value = self.at_previous(number(word))?;
        Ok(Comparison { relation, value })
    }
}

fn no_flag(word: &str, names: &str) -> Reason {
    value::invalid(word, "TCP flag", &format!("those are {names}"))
}
