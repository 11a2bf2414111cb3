//! The part of the guard that looks at tokens, before anything recursive (parser, planner, execution) sees the text.

use datafusion::sql::sqlparser::ast::Statement;
use datafusion::sql::sqlparser::dialect::Dialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::allowed::EMBEDDED;

/// Bytes of a query.
const TEXT_MAX: usize = 20_000;
/// Words, numbers and signs of a query.
const TOKENS_MAX: usize = 6_000;
/// Brackets and CASE within one another.
const DEPTH_MAX: usize = 40;
/// Operators of a query. A chain of them nests in the syntax tree as deep as it is long.
const OPERATORS_MAX: usize = 400;
/// Names joined by dots.
const PARTS_MAX: u32 = 4;
/// Tokens the parser may look at, again and again counted each time. It tries one reading after another, and what it
/// tries within what it tries multiplies: a text of 200 bytes can keep it busy for years.
const READS_MAX: u64 = 400_000;

/// Parses `sql` into exactly one statement, or says why not.
pub(super) fn parse(sql: &str, dialect: &dyn Dialect) -> Result<Statement, String> {
    if sql.len() > TEXT_MAX {
        return Err(format!("the query is {} bytes long; at most {TEXT_MAX} are allowed", sql.len()));
    }
    let tokens = Tokenizer::new(dialect, sql).tokenize_with_location().map_err(|error| error.to_string())?;
    one_query(&tokens)?;
    Measure { named: dialect.supports_named_fn_args_with_expr_name(), ..Measure::default() }.all(&tokens)?;
    // The parser's own depth counts several levels for one bracket.
    let parser = Parser::new(dialect).with_recursion_limit(DEPTH_MAX * 8);
    let statements = parser.with_tokens_with_locations(tokens).parse_statements().map_err(|error| error.to_string())?;
    <[Statement; 1]>::try_from(statements)
        .map(|[statement]| statement)
        .map_err(|several| format!("there are {} statements; exactly one query is allowed", several.len()))
}

/// Whether a query says itself in which order its rows come.
pub fn is_ordered(sql: &str) -> bool {
    let tokens = Tokenizer::new(EMBEDDED.syntax, sql).tokenize().unwrap_or_default();
    let mut depth = 0_usize;
    tokens.iter().any(|token| match token {
        Token::LParen => {
            depth += 1;
            false
        }
        Token::RParen => {
            depth = depth.saturating_sub(1);
            false
        }
        Token::Word(word) => depth == 0 && word.quote_style.is_none() && word.keyword == Keyword::ORDER,
        _ => false,
    })
}

/// Whether there is one statement and it begins as a query does. What else the parser can read, it need not.
fn one_query(tokens: &[TokenWithSpan]) -> Result<(), String> {
    let words = |part: &[TokenWithSpan]| {
        part.iter().map(|token| &token.token).find(|token| !matches!(token, Token::Whitespace(_) | Token::EOF)).cloned()
    };
    let mut statements = tokens.split(|token| token.token == Token::SemiColon).filter_map(words);
    let first = statements.next().ok_or("there is no query")?;
    let more = statements.count();
    if more > 0 {
        return Err(format!("there are {} statements; exactly one query is allowed", more + 1));
    }
    let known = match &first {
        Token::LParen => true,
        Token::Word(word) => {
            use Keyword as K;
            word.quote_style.is_none() && matches!(word.keyword, K::SELECT | K::WITH | K::VALUES | K::FROM | K::TABLE)
        }
        _ => false,
    };
    let word: String = first.to_string().to_uppercase().chars().take(40).collect();
    if known { Ok(()) } else { Err(format!("only a query is allowed, not {word}")) }
}

#[derive(Default)]
struct Measure {
    /// A call's argument is read once as a name and once as a value.
    named: bool,
    tokens: usize,
    operators: usize,
    /// CASE without its END.
    cases: usize,
    open: Vec<Open>,
    reads: u64,
    /// Dots in the name that ends at the token before.
    dots: u32,
}

/// An open bracket.
#[derive(Clone, Copy)]
struct Open {
    /// How often what stands in it may be read.
    reads: u64,
    /// Brackets that opened right before one another, up to this one.
    run: u64,
}

impl Measure {
    fn all(mut self, tokens: &[TokenWithSpan]) -> Result<(), String> {
        let mut before = None;
        for token in tokens.iter().map(|token| &token.token) {
            if !matches!(token, Token::Whitespace(_)) {
                self.next(token, before)?;
                before = Some(token);
            }
        }
        Ok(())
    }

    fn next(&mut self, token: &Token, before: Option<&Token>) -> Result<(), String> {
        let dot = matches!(before, Some(Token::Period));
        if dot && !matches!(token, Token::Word(_) | Token::Mul) {
            return Err(format!("{token} after a dot is not allowed in a query"));
        }
        if interval(before)
            && !matches!(
                token,
                Token::SingleQuotedString(_) | Token::Number(..) | Token::LParen | Token::RParen | Token::Comma
            )
        {
            // Reads what follows three times, where that may be an INTERVAL again.
            return Err(format!("INTERVAL before {token} is not allowed in a query"));
        }
        match token {
            Token::LParen => self.open(before),
            Token::RParen => drop(self.open.pop()),
            Token::Period => self.dots += 1,
            Token::Word(word) if word.quote_style.is_none() => match word.keyword {
                Keyword::CASE => self.cases += 1,
                Keyword::END => self.cases = self.cases.saturating_sub(1),
                keyword if CHAINS.contains(&keyword) => self.operators += 1,
                _ => {}
            },
            Token::Word(_) | Token::Number(..) | Token::Char(_) | Token::Comma | Token::SemiColon => {}
            Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) | Token::EOF => {}
            Token::LBracket | Token::LBrace => return Err(format!("{token} is not allowed in a query")),
            _ => self.operators += 1,
        }
        if !(dot || matches!(token, Token::Period)) {
            self.dots = 0;
        }
        self.tokens += 1;
        self.reads = self.reads.saturating_add(self.open.last().map_or(1, |open| open.reads));
        self.within_bounds()
    }

    fn open(&mut self, before: Option<&Token>) {
        let around = self.open.last().copied().unwrap_or(Open { reads: 1, run: 1 });
        let open = if matches!(before, Some(Token::LParen)) {
            // After FROM, each of them may be a subquery or a join.
            let run = around.run + 1;
            Open { reads: (around.reads / around.run).saturating_mul(run), run }
        } else {
            Open { reads: around.reads.saturating_mul(self.attempts(before)), run: 1 }
        };
        self.open.push(open);
    }

    /// How often the parser may read a bracket that follows `word`.
    fn attempts(&self, word: Option<&Token>) -> u64 {
        let Some(Token::Word(word)) = word else { return 1 };
        let special = match word.keyword {
            Keyword::POSITION | Keyword::INTERVAL => 3,
            keyword if SPECIAL.contains(&keyword) => 2,
            _ => 1,
        };
        let named = if self.named { 2 } else { 1 };
        (special * named) << self.dots.min(PARTS_MAX)
    }

    fn within_bounds(&self) -> Result<(), String> {
        let over = |what: &str, max: usize| Err(format!("the query has more than {max} {what}"));
        if self.open.len() + self.cases > DEPTH_MAX {
            return Err(format!("the query nests more than {DEPTH_MAX} levels deep"));
        }
        if self.tokens > TOKENS_MAX {
            return over("words and signs", TOKENS_MAX);
        }
        if self.operators > OPERATORS_MAX {
            return over("operators", OPERATORS_MAX);
        }
        if self.dots >= PARTS_MAX {
            return Err(format!("a name of more than {PARTS_MAX} parts is not allowed in a query"));
        }
        if self.reads > READS_MAX {
            return Err("the query nests too many calls and brackets within one another".to_owned());
        }
        Ok(())
    }
}

fn interval(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Word(word)) if word.keyword == Keyword::INTERVAL && word.quote_style.is_none())
}

/// Words with a syntax of their own. Where that fails, the parser reads them again as the name of a function.
const SPECIAL: &[Keyword] = &[
    Keyword::ARRAY,
    Keyword::BINARY,
    Keyword::BOX,
    Keyword::CASE,
    Keyword::CAST,
    Keyword::CEIL,
    Keyword::CIRCLE,
    Keyword::CONVERT,
    Keyword::CURRENT_DATE,
    Keyword::CURRENT_TIME,
    Keyword::CURRENT_TIMESTAMP,
    Keyword::EXISTS,
    Keyword::EXTRACT,
    Keyword::FLOOR,
    Keyword::LAMBDA,
    Keyword::LINE,
    Keyword::LOCALTIME,
    Keyword::LOCALTIMESTAMP,
    Keyword::LSEG,
    Keyword::MAP,
    Keyword::MATCH,
    Keyword::NOT,
    Keyword::OVERLAY,
    Keyword::PATH,
    Keyword::POINT,
    Keyword::POLYGON,
    Keyword::PRIOR,
    Keyword::SAFE_CAST,
    Keyword::STRUCT,
    Keyword::SUBSTR,
    Keyword::SUBSTRING,
    Keyword::TRIM,
    Keyword::TRY_CAST,
    Keyword::TRY_CONVERT,
];

/// Words that make the syntax tree one level deeper each time they follow one another.
const CHAINS: &[Keyword] = &[
    Keyword::AND,
    Keyword::OR,
    Keyword::XOR,
    Keyword::NOT,
    Keyword::IS,
    Keyword::NOTNULL,
    Keyword::IN,
    Keyword::LIKE,
    Keyword::ILIKE,
    Keyword::RLIKE,
    Keyword::REGEXP,
    Keyword::SIMILAR,
    Keyword::BETWEEN,
    Keyword::DIV,
    Keyword::AT,
    Keyword::COLLATE,
    Keyword::INTERVAL,
    Keyword::UNION,
    Keyword::EXCEPT,
    Keyword::INTERSECT,
    Keyword::MINUS,
    Keyword::JOIN,
    Keyword::PIVOT,
    Keyword::UNPIVOT,
];
