use super::{FilterError, Reason, Relation, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A keyword, a name, a number, an address.
    Word(&'a str),
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    And,
    Or,
    Not,
    Ampersand,
    Bar,
    Comma,
    Relation(Relation),
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<'a> {
    pub(crate) token: Token<'a>,
    pub(crate) span: Span,
}

const ARITHMETIC: &str = "tables compare header fields with constants and can't compute";

/// The tokens of a filter; the last one is [`Token::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<Spanned<'_>>, FilterError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let Some((token, len)) = first(trimmed) else {
            let len = trimmed.chars().next().map_or(1, char::len_utf8);
            return Err(unknown(text, Span { start: at, end: at + len }));
        };
        tokens.push(Spanned { token, span: Span { start: at, end: at + len } });
        if token == Token::End {
            return Ok(tokens);
        }
        at += len;
    }
}

/// The token at the start of a text without leading space, and its length.
fn first(text: &str) -> Option<(Token<'_>, usize)> {
    // A backslash makes a keyword an identifier in libpcap; here, places tell them apart.
    let unescaped = text.strip_prefix('\\').unwrap_or(text);
    let word_len = unescaped.find(|c| !in_word(c)).unwrap_or(unescaped.len());
    let (word, _) = unescaped.split_at_checked(word_len)?;
    if !word.is_empty() && !word.starts_with(['-', '/']) {
        return Some((keyword(word), text.len() - unescaped.len() + word_len));
    }
    if text.starts_with("<<") || text.starts_with(">>") {
        return None;
    }
    const SYMBOLS: [(&str, Token<'_>); 18] = [
        ("&&", Token::And),
        ("||", Token::Or),
        ("==", Token::Relation(Relation::Equal)),
        ("!=", Token::Relation(Relation::NotEqual)),
        ("<=", Token::Relation(Relation::AtMost)),
        (">=", Token::Relation(Relation::AtLeast)),
        ("=", Token::Relation(Relation::Equal)),
        ("<", Token::Relation(Relation::Less)),
        (">", Token::Relation(Relation::Greater)),
        ("!", Token::Not),
        ("&", Token::Ampersand),
        ("|", Token::Bar),
        (",", Token::Comma),
        ("(", Token::Open),
        (")", Token::Close),
        ("[", Token::OpenBracket),
        ("]", Token::CloseBracket),
        ("", Token::End),
    ];
    let (symbol, token) = SYMBOLS.into_iter().find(|(symbol, _)| text.starts_with(symbol))?;
    (token != Token::End || text.is_empty()).then_some((token, symbol.len()))
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '@')
}

fn keyword(word: &str) -> Token<'_> {
    match word {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        _ => Token::Word(word),
    }
}

fn unknown(text: &str, span: Span) -> FilterError {
    let found = text.get(span.start..span.end).unwrap_or_default();
    let reason = if found.starts_with(['+', '-', '*', '/', '%', '^', '~', '<', '>']) {
        Reason::Unsupported { found: format!("`{found}`"), why: ARITHMETIC.to_owned() }
    } else {
        Reason::Expected { expected: "a word or an operator", found: format!("{found:?}") }
    };
    FilterError::new(reason, span, text)
}

impl Token<'_> {
    /// How errors call it.
    pub(crate) fn found(self, text: &str, span: Span) -> String {
        match self {
            Self::End => "the end".to_owned(),
            _ => format!("`{}`", text.get(span.start..span.end).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Token<'_>> {
        tokens(text).unwrap().into_iter().map(|spanned| spanned.token).collect()
    }

    #[test]
    fn words_operators_and_where_they_stand() {
        let expected = [
            Token::Word("net"),
            Token::Word("2001:db8::/32"),
            Token::And,
            Token::Not,
            Token::Word("tcp"),
            Token::Or,
            Token::Word("80-90"),
            Token::End,
        ];
        assert_eq!(kinds("net 2001:db8::/32&&!\\tcp||80-90"), expected);
        let second = tokens(" a  \\tcp ").unwrap()[1];
        assert_eq!(second, Spanned { token: Token::Word("tcp"), span: Span { start: 4, end: 8 } });
        assert_eq!(tokens("a ").unwrap()[1].span, Span { start: 2, end: 2 });
    }

    #[test]
    fn the_longest_operator_wins() {
        let expected = [
            Token::Ampersand,
            Token::And,
            Token::Bar,
            Token::Or,
            Token::Not,
            Token::Relation(Relation::NotEqual),
            Token::Relation(Relation::AtMost),
            Token::Relation(Relation::Less),
            Token::Relation(Relation::Equal),
            Token::Relation(Relation::Equal),
            Token::End,
        ];
        assert_eq!(kinds("& && | || ! != <= < = =="), expected);
    }

    #[test]
    fn arithmetic_and_foreign_characters_are_refused_where_they_stand() {
        for (text, at) in [("a + b", 2), ("a - b", 2), ("a << 2", 2), ("a é", 2), ("\\", 0)] {
            assert_eq!(tokens(text).unwrap_err().span().start, at, "{text}");
        }
    }
}
