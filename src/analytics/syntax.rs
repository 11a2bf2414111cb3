//! The part of the guard that looks at tokens, before anything recursive (parser, planner, execution) sees the text.

use datafusion::sql::sqlparser::ast::Statement;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Bytes of a query.
const TEXT_MAX: usize = 20_000;
/// Words, numbers and signs of a query.
const TOKENS_MAX: usize = 6_000;
/// Brackets and CASE within one another.
const DEPTH_MAX: usize = 40;
/// Operators of a query. A chain of them nests in the syntax tree as deep as it is long.
const OPERATORS_MAX: usize = 400;

/// Parses `sql` into exactly one statement, or says why not.
pub(super) fn parse(sql: &str) -> Result<Statement, String> {
    if sql.len() > TEXT_MAX {
        return Err(format!("the query is {} bytes long; at most {TEXT_MAX} are allowed", sql.len()));
    }
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, sql).tokenize_with_location().map_err(|error| error.to_string())?;
    measure(&tokens)?;
    // The parser's own depth counts several levels for one bracket.
    let parser = Parser::new(&dialect).with_recursion_limit(DEPTH_MAX * 8);
    let mut statements =
        parser.with_tokens_with_locations(tokens).parse_statements().map_err(|error| error.to_string())?;
    match (statements.pop(), statements.len()) {
        (Some(statement), 0) => Ok(statement),
        (None, _) => Err("there is no query".to_owned()),
        (Some(_), more) => Err(format!("there are {} statements; exactly one query is allowed", more + 1)),
    }
}

fn measure(tokens: &[TokenWithSpan]) -> Result<(), String> {
    let (mut count, mut depth, mut operators) = (0, 0_usize, 0);
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            Token::Word(word) if word.quote_style.is_none() => match word.keyword {
                Keyword::CASE => depth += 1,
                Keyword::END => depth = depth.saturating_sub(1),
                keyword if CHAINS.contains(&keyword) => operators += 1,
                _ => {}
            },
            Token::Word(_) | Token::Number(..) | Token::Char(_) | Token::Comma | Token::Period | Token::SemiColon => {}
            Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) | Token::EOF => {}
            _ => operators += 1,
        }
        count += 1;
        if depth > DEPTH_MAX {
            return Err(format!("the query nests more than {DEPTH_MAX} levels deep"));
        }
    }
    if count > TOKENS_MAX {
        return Err(format!("the query has {count} words and signs; at most {TOKENS_MAX} are allowed"));
    }
    if operators > OPERATORS_MAX {
        return Err(format!("the query has {operators} operators; at most {OPERATORS_MAX} are allowed"));
    }
    Ok(())
}

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
