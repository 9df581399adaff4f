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
