use super::{
    Expr, FilterError, Node, Reason, Span,
    qualifier::Qualifier,
    token::{Spanned, Token, tokens},
};

/// Bytes in a filter, at most.
pub const MAX_FILTER_BYTES: usize = 8192;

/// Parentheses and `not` inside of each other, at most.
pub const MAX_NESTING: usize = 64;

/// Conditions in a filter, at most.
pub const MAX_CONDITIONS: usize = 512;

pub(super) const CONDITION: &str = "a condition, such as `tcp` or `port 443`";

/// Parse a filter. The empty one takes every packet.
pub fn parse(text: &str) -> Result<Expr, FilterError> {
    if text.len() > MAX_FILTER_BYTES {
        let reason = Reason::TooLong { bytes: text.len() };
        return Err(FilterError::new(reason, Span::default(), text));
    }
    Parser::new(text)?.filter()
}

pub(super) type Parsed<T> = Result<T, FilterError>;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Spanned<'a>>,
    pub(super) at: usize,
    /// Parentheses and `not` around the current place.
    depth: usize,
    pub(super) conditions: usize,
    /// What a bare value takes.
    pub(super) qualifier: Option<Qualifier>,
    /// Between the parentheses of `(tcp[tcpflags] & tcp-syn) != 0`.
    pub(super) in_group: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parsed<Self> {
        let tokens = tokens(text)?;
        let (at, depth, conditions) = (0, 0, 0);
        Ok(Self { text, tokens, at, depth, conditions, qualifier: None, in_group: false })
    }

    fn filter(&mut self) -> Parsed<Expr> {
        if self.peek() == Token::End {
            return Ok(Expr { span: self.span(), node: Node::Everything });
        }
        let expr = self.expression(Self::term)?;
        match self.peek() {
            Token::End => Ok(expr),
            _ => self.expected("`and`, `or` or the end"),
        }
    }

    /// Operands joined by `and` and `or`, which bind equally and to the left.
    fn expression(&mut self, operand: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        let mut expr = operand(self)?;
        while let operator @ (Token::And | Token::Or) = self.peek() {
            self.bump();
            let right = operand(self)?;
            expr = join(expr, operator == Token::And, right);
        }
        Ok(expr)
    }

    fn term(&mut self) -> Parsed<Expr> {
        match self.peek() {
            Token::Not => self.negation(Self::term),
            Token::Open if self.starts_flag_group() => self.flag_group(),
            Token::Open => self.parenthesised(Self::term),
            Token::Word(word) => self.condition(word),
            _ => self.expected(CONDITION),
        }
    }

    pub(super) fn negation(&mut self, operand: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        let start = self.span();
        self.bump();
        let inner = self.nested(operand)?;
        Ok(Expr { span: start.to(inner.span), node: Node::Not(Box::new(inner)) })
    }

    pub(super) fn parenthesised(&mut self, operand: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        let start = self.span();
        self.bump();
        let inner = self.nested(|parser| parser.expression(operand))?;
        self.expect(Token::Close, "`and`, `or` or `)`")?;
        Ok(Expr { span: start.to(self.previous_span()), node: inner.node })
    }

    /// Whether what is in these parentheses is compared, rather than a condition.
    fn starts_flag_group(&self) -> bool {
        let inside = (self.token(self.at + 1), self.token(self.at + 2));
        if !matches!(inside, (Token::Word(_), Token::OpenBracket)) {
            return false;
        }
        let mut open = 0_usize;
        for at in self.at..self.tokens.len() {
            match self.token(at) {
                Token::Open => open += 1,
                Token::Close if open > 1 => open -= 1,
                Token::Close => return matches!(self.token(at + 1), Token::Relation(_)),
                _ => {}
            }
        }
        false
    }

    fn flag_group(&mut self) -> Parsed<Expr> {
        let start = self.span();
        self.bump();
        self.in_group = true;
        let expr = self.nested(Self::term);
        self.in_group = false;
        Ok(Expr { span: start.to(self.previous_span()), ..expr? })
    }

    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_NESTING {
            return Err(self.error(Reason::TooDeep, self.previous_span()));
        }
        self.depth += 1;
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    pub(super) fn peek(&self) -> Token<'a> {
        self.token(self.at)
    }

    pub(super) fn token(&self, at: usize) -> Token<'a> {
        self.tokens.get(at).map_or(Token::End, |spanned| spanned.token)
    }

    pub(super) fn bump(&mut self) {
        self.at += 1;
    }

    pub(super) fn span(&self) -> Span {
        let end = Span { start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at).map_or(end, |spanned| spanned.span)
    }

    pub(super) fn previous_span(&self) -> Span {
        let previous = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        previous.map_or(Span::default(), |spanned| spanned.span)
    }

    pub(super) fn previous_word(&self) -> Option<&'a str> {
        match self.at.checked_sub(1).map(|at| self.token(at)) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn expect(&mut self, token: Token<'_>, expected: &'static str) -> Parsed<()> {
        if self.peek() != token {
            return self.expected(expected);
        }
        self.bump();
        Ok(())
    }

    /// The error that something else stands here.
    pub(super) fn expected<T>(&self, expected: &'static str) -> Parsed<T> {
        let found = self.peek().found(self.text, self.span());
        Err(self.error(Reason::Expected { expected, found }, self.span()))
    }

    /// What is wrong with it is wrong with the token before the current one.
    pub(super) fn at_previous<T>(&self, result: Result<T, Reason>) -> Parsed<T> {
        result.map_err(|reason| self.error(reason, self.previous_span()))
    }

    pub(super) fn error(&self, reason: Reason, span: Span) -> FilterError {
        FilterError::new(reason, span, self.text)
    }
}

/// Chains of the same operator become one node, so that they don't nest.
fn join(left: Expr, and: bool, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let mut operands = match (left.node, and) {
        (Node::And(operands), true) | (Node::Or(operands), false) => operands,
        (node, _) => vec![Expr { span: left.span, node }],
    };
    operands.push(right);
    Expr { span, node: if and { Node::And(operands) } else { Node::Or(operands) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::{Comparison, PortProtocol, Prefix, Primitive, Relation, Side};

    /// The structure of a filter, with its primitives as they were written.
    fn shape(text: &str) -> String {
        fn of(expr: &Expr, text: &str) -> String {
            let all = |parts: &[Expr]| parts.iter().map(|part| of(part, text)).collect::<Vec<_>>();
            match &expr.node {
                Node::Everything => "everything".to_owned(),
                Node::And(parts) => format!("and({})", all(parts).join("; ")),
                Node::Or(parts) => format!("or({})", all(parts).join("; ")),
                Node::Not(inner) => format!("not({})", of(inner, text)),
                Node::Primitive(_) => text[expr.span.start..expr.span.end].to_owned(),
            }
        }
        of(&parse(text).unwrap(), text)
    }

    #[test]
    fn and_and_or_bind_equally_to_the_left_and_not_binds_tightest() {
        assert_eq!(shape("tcp or udp and ip"), "and(or(tcp; udp); ip)");
        assert_eq!(shape("tcp || udp or ip && arp"), "and(or(tcp; udp; ip); arp)");
        assert_eq!(shape("not tcp and !udp"), "and(not(tcp); not(udp))");
        assert_eq!(shape("not (tcp and udp)"), "not(and(tcp; udp))");
        assert_eq!(shape("tcp and (udp or ip)"), "and(tcp; or(udp; ip))");
        assert_eq!(shape(" "), "everything");
    }

    #[test]
    fn bare_values_take_the_qualifiers_before_them() {
        let port = |port| {
            let protocol = Some(PortProtocol::Tcp);
            let ports = port..=port;
            Node::Primitive(Primitive::Port { side: Side::Destination, protocol, ports })
        };
        let Node::Or(parts) = parse("tcp dst port 80 or 81").unwrap().node else { panic!() };
        assert_eq!(
            parts.into_iter().map(|part| part.node).collect::<Vec<_>>(),
            [port(80), port(81)]
        );
        assert_eq!(shape("host (10.0.0.1 or not 10.0.0.2)"), "or(10.0.0.1; not(10.0.0.2))");
        assert_eq!(shape("not host 10.0.0.1 and 10.0.0.2"), "and(not(host 10.0.0.1); 10.0.0.2)");
        // A word without values ends it, as in libpcap.
        for text in ["port 80 or tcp or 81", "80", "tcp or 10.0.0.1"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sides() {
        for (text, expected) in [
            ("host 10.0.0.1", Side::Either),
            ("src or dst host 10.0.0.1", Side::Either),
            ("dst or src host 10.0.0.1", Side::Either),
            ("src and dst 10.0.0.1", Side::Both),
            ("src 10.0.0.1", Side::Source),
            ("dst net 10.0.0.1", Side::Destination),
        ] {
            let prefix = Prefix::V4([10, 0, 0, 1].into(), 32);
            let primitive = Primitive::Address { side: expected, within: None, prefix };
            assert_eq!(parse(text).unwrap().node, Node::Primitive(primitive), "{text}");
        }
    }

    #[test]
    fn flags_as_masks() {
        let masked = |mask, relation, value| {
            let comparison = Comparison { relation, value };
            Node::Primitive(Primitive::TcpByte { mask, comparison })
        };
        for (text, expected) in [
            ("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", masked(3, Relation::NotEqual, 0)),
            ("(tcp[tcpflags] & tcp-syn) != 0", masked(2, Relation::NotEqual, 0)),
            ("tcp[13] & 0x12 = 0x12", masked(0x12, Relation::Equal, 0x12)),
            ("tcp[tcpflags] == tcp-syn|tcp-ack", masked(0xff, Relation::Equal, 0x12)),
        ] {
            assert_eq!(parse(text).unwrap().node, expected, "{text}");
        }
        let primitive = Primitive::TcpFlags { set: 0x82, clear: 0x10 };
        assert_eq!(parse("tcp-flags syn,!ack,cwr").unwrap().node, Node::Primitive(primitive));
    }

    #[test]
    fn errors_say_what_and_where() {
        for (text, start, end, message) in [
            ("tcp port http", 9, 13, "`http` is no port: services have other numbers"),
            ("tcp and", 7, 7, "expected a condition, such as `tcp` or `port 443`, found the end"),
            ("(tcp", 4, 4, "expected `and`, `or` or `)`, found the end"),
            ("tcp)", 3, 4, "expected `and`, `or` or the end, found `)`"),
            ("vlan 4096", 5, 9, "4096 is too large: the largest VLAN id is 4095"),
            ("ether host a", 0, 5, "`ether` can't be filtered on: tables don't look at link-layer"),
            ("ip multicast", 3, 12, "`multicast` can't be filtered on: write `dst net 224.0.0.0/4"),
            ("udp[0:2] = 4", 0, 8, "`udp[0:2]` can't be filtered on"),
            ("tcp host 10.0.0.1", 0, 8, "`tcp host` can't be filtered on"),
            ("tcp[tcpflags] & 2|4 != 0", 17, 18, "expected a comparison, or parentheses"),
            ("host example.org", 5, 16, "`example.org` is no address: names would need a resolver"),
            ("ip6 host 10.0.0.1", 9, 17, "`10.0.0.1` is no IPv6 address"),
            ("proto 44", 6, 8, "protocol 44 can't be filtered on: it is an IPv6 extension header"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.span(), Span { start, end }, "{text}");
            assert!(error.reason().to_string().starts_with(message), "{text}: {error}");
        }
    }

    #[test]
    fn texts_are_bounded() {
        let nested = |depth| format!("{}tcp{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&nested(MAX_NESTING)).is_ok());
        assert_eq!(parse(&nested(MAX_NESTING + 1)).unwrap_err().reason(), &Reason::TooDeep);
        let nots = "!".repeat(MAX_NESTING + 1) + "tcp";
        assert_eq!(parse(&nots).unwrap_err().reason(), &Reason::TooDeep);
        let conditions = |count| vec!["tcp"; count].join(" or ");
        assert!(parse(&conditions(MAX_CONDITIONS)).is_ok());
        let error = parse(&conditions(MAX_CONDITIONS + 1)).unwrap_err();
        assert_eq!(error.reason(), &Reason::TooManyConditions);
        let bytes = MAX_FILTER_BYTES + 1;
        assert_eq!(parse(&" ".repeat(bytes)).unwrap_err().reason(), &Reason::TooLong { bytes });
    }
}
