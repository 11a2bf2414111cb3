//! Which columns words name whole, and which of several is meant.

use vizroom_protocol::file::ColumnType;

use super::fields::{Field, Role, Word};
use super::lexicon::{self, Keyword};
use super::likeness::score;
use super::matching::{Item, Matcher, Meaning, Sure, is_joint, words};
use super::spoken::keyword_meaning;
use super::spoken::{is_reading, is_tag};
use super::vocabulary::PARAPHRASES;
use super::wholes::names_whole;
use super::words::{Kind, Token, stem};

/// Most different codes of a column that other words may tell better.
const CODES_MAX: u64 = 60;

impl Matcher<'_, '_> {
    /// What `revenue` means: the total of an invoice, an order or a receipt, where nothing else is called by what it is sold for.
    pub(super) fn sold(&self, span: &[Token]) -> Option<usize> {
        let [one] = span else { return None };
        if !super::words::is(Some(one), "revenue sales turnover takings spend spending spent amount amounts money") {
            return None;
        }
        const SALES: &str = "invoice order sale transaction receipt bill purchase payment";
        let of = |w: &Word| SALES.split(' ').any(|s| stem(s) == w.stem);
        let named = |f: &Field<'_>, lower: &str| f.is_measure() && f.words.iter().any(|w| w.lower == lower);
        let told = ["revenue", "sales", "turnover", "amount", "spend"];
        let fields = &self.data.fields;
        if fields.iter().any(|f| told.iter().any(|t| named(f, t))) {
            return None;
        }
        let total = |f: &&Field<'_>| named(f, "total") && f.words.len() <= 2;
        let at = fields.iter().position(|f| total(&f) && (self.rows.iter().any(of) || f.words.iter().any(of)))?;
        super::wholes::whole(self.data).is_none().then_some(at)
    }

    /// Fields all of whose words are spoken, all spoken words being theirs.
    pub(super) fn whole_columns(&self, spoken: &[Word]) -> Vec<usize> {
        let joined: String = spoken.iter().map(|w| w.lower.as_str()).collect();
        let same = |f: &Field<'_>| {
            let called = || {
                spoken.len() > 1
                    && matches!(f.words.as_slice(), [one] if one.lower == joined || one.stem == stem(&joined))
            };
            // As the file writes it: `poptotal`, `l_shipdate`.
            let written = || {
                let name: String = f.column.name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
                f.words.len() > 1 && (name == joined || matches!(spoken, [one] if stem(&name) == one.stem))
            };
            f.words.len() == spoken.len() && spoken.iter().all(|s| f.words.iter().any(|w| w.stem == s.stem))
                || called()
                || written()
        };
        let mut found: Vec<usize> = (0..self.data.fields.len()).filter(|&i| same(&self.data.fields[i])).collect();
        found.sort_by_key(|&i| (self.preference(i), i));
        found
    }

    /// Of columns that fit equally, the most encompassing, then the fullest.
    pub(super) fn preference(&self, index: usize) -> (u8, u8, u64, usize) {
        let field = &self.data.fields[index];
        let encompassing = ["total", "worldwide", "overall", "arrival", "global", "average", "mean"];
        let wide = field.words.iter().any(|w| encompassing.contains(&w.lower.as_str()));
        // What something came to in the end is meant rather than what it began with.
        let wide = wide || super::roles::has(&field.words, "sale sold selling final closing");
        // What is called by a name is told by it, not by its number.
        let one_to_one = |f: &super::fields::Field<'_>| {
            f.column.distinct == field.column.distinct && f.role == Role::Category && f.column.kind == field.column.kind
        };
        let code = field.role == Role::Category && self.data.fields.iter().filter(|f| one_to_one(f)).count() > 1;
        let key = (field.role == Role::Id || code)
            && field.words.len() > 1
            && field.words.last().is_some_and(|w| matches!(w.lower.as_str(), "number" | "id" | "code" | "key"));
        // Who asks for the temperature of a day means its height.
        let low = super::ends::is_low(field);
        (u8::from(!wide) + u8::from(low), u8::from(key), field.column.nulls, field.words.len())
    }

    /// `revenue by family` of what is looked up in a table of families: their names.
    fn looked_up(&self, span: &[Token]) -> Option<usize> {
        let [token] = span else { return None };
        let noun = |name: &str| super::words::name_words(name).last().is_some_and(|w| stem(w) == token.stem);
        let own = |f: &Field<'_>| !f.joined && f.role != Role::Id && f.words.iter().any(|w| w.stem == token.stem);
        if noun(&self.data.dataset.name) || self.data.fields.iter().any(own) {
            return None;
        }
        let named = |t: &&super::query::Taken| matches!(t.column.to_lowercase().as_str(), "name" | "title");
        let joins = self.data.joins.iter().filter(|j| noun(&j.dataset));
        joins.filter_map(|j| j.takes.iter().find(named)).find_map(|t| self.data.index(&t.name))
    }

    /// The columns that a phrase stands for that shares no word with their names.
    fn paraphrased(&self, phrase: &str) -> Option<Vec<usize>> {
        const LASTING: [&str; 5] = ["playing time", "play time", "running time", "run time", "playing length"];
        let lasting = || {
            let asked = super::thesaurus::figures(self.data, "longest").filter(|_| LASTING.contains(&phrase));
            asked.map(|a| a.fields)
        };
        let told = PARAPHRASES.iter().filter(|(said, _)| *said == phrase).find_map(|(_, name)| {
            let meant: Vec<Word> = name.split(' ').filter(|w| *w != "per").map(Word::new).collect();
            let columns = self.whole_columns(&meant);
            if !columns.is_empty() {
                return Some(columns);
            }
            let near = |i: &usize| {
                (meant.len() > 1 || *name == "sqft") && score(&meant, &self.data.fields[*i]).is_some_and(|s| s > 0.4)
            };
            (0..self.data.fields.len()).find(near).map(|near| vec![near])
        });
        told.or_else(lasting)
    }

    /// `books published per year` speaks of no publisher: what was done with the rows.
    pub(super) fn only_tells(&self, token: &Token, item: &Item) -> bool {
        let Meaning::Column(columns) = &item.meaning else { return false };
        let kind = |i: &usize| {
            let field = &self.data.fields[*i];
            // `appointed` in `Appointed on the advice of` is no name of it.
            let own = field.words.iter().any(|w| w.lower == token.lower)
                && (field.words.len() == 1 || field.words.last().is_some_and(|w| w.lower == token.lower));
            own || matches!(field.role, Role::Flag | Role::Time | Role::Part(_)) || field.is_measure()
        };
        token.lower.ends_with("ed") && super::supposed::is_participle(token) && !columns.iter().any(kind)
    }

    /// The columns that the words name, and how surely.
    pub(super) fn column_meaning(&self, span: &[Token]) -> Option<(Sure, Meaning)> {
        let spoken = words(span);
        // `no reviews` is no number of them, and a number no name.
        let none = span.len() > 1 && span[0].lower == "no";
        if spoken.is_empty() || none || span.iter().all(|t| !matches!(t.kind, Kind::Word)) {
            return None;
        }
        // `published per year` is no name of a year of publication.
        let named = |f: &Field<'_>| super::words::name_words(&f.column.name).iter().any(|w| w == "per");
        let per = span.iter().any(|t| t.lower == "per") && !self.data.fields.iter().any(named);
        if per && matches!(keyword_meaning(&span[span.len() - 1..]), Some((_, Meaning::Keyword(Keyword::Grain(_))))) {
            return None;
        }
        if let Some(numbered) = super::numbering::column(self.data, span) {
            return Some((Sure::Column, Meaning::Column(vec![numbered])));
        }
        let said: Vec<&str> = span.iter().map(|t| t.lower.as_str()).collect();
        if let Some(columns) = self.paraphrased(&said.join(" ")) {
            return Some((Sure::Column, Meaning::Column(columns)));
        }
        if let Some(name) = self.looked_up(span) {
            return Some((Sure::Column, Meaning::Column(vec![name])));
        }
        let weak = |t: &Token| {
            lexicon::keyword(&t.lower, &t.stem).is_some_and(|k| !matches!(k, Keyword::Rate | Keyword::Sort))
        };
        let initials = !span[..span.len().min(2)].iter().any(weak) && span.len() > 1;
        if let Some(coded) = initials.then(|| self.initialed(&said)).flatten() {
            return Some((Sure::Column, Meaning::Column(vec![coded])));
        }
        if let Some(total) = self.sold(span) {
            return Some((Sure::Column, Meaning::Column(vec![total])));
        }
        if let ([one], Some(whole)) = (span, span.first().and_then(|t| names_whole(self.data, &t.stem)))
            && one.kind == Kind::Word
        {
            return Some((Sure::Column, Meaning::Column(vec![whole])));
        }
        if let Some(closing) = super::ends::quoted(self.data, span) {
            return Some((Sure::Column, Meaning::Column(closing)));
        }
        if let ([_], Some(flag)) = (span, super::guessed::sex(self.data, &span[0])) {
            return Some((Sure::Column, Meaning::Column(vec![flag])));
        }
        // `tracks per genre` is no `track_genre`.
        let told = |f: &Field<'_>| f.words.iter().any(|w| w.lower == "capita");
        if per && !self.data.fields.iter().any(told) {
            return None;
        }
        let mut whole = self.whole_columns(&spoken);
        // `number of volcanoes` counts them, though each has a `volcano_number`.
        if span.len() > 2 && span[0].lower == "number" && span[1].lower == "of" {
            let numbers = |f: &Field<'_>| f.words.len() > 1 && f.words.last().is_some_and(|w| w.lower == "number");
            whole.retain(|&i| self.data.fields[i].role != Role::Id && !numbers(&self.data.fields[i]));
        }
        if let Some(number) = whole.first().and_then(|&flag| self.number_of(flag, span)) {
            whole = vec![number];
        }
        if !whole.is_empty() {
            // `season` by itself is no month.
            let reserved = span.len() == 1
                && !span[0].lower.starts_with("season")
                && matches!(keyword_meaning(span), Some((_, Meaning::Keyword(k))) if is_reserved(k));
            // `years` of a career, where the data has no dates.
            let field = &self.data.fields[whole[0]];
            let counted = field.is_measure() && field.column.name.ends_with('s') && self.data.course().is_none();
            return (!reserved || counted).then_some((Sure::Column, Meaning::Column(whole)));
        }
        self.partly(span, &spoken)
    }

    /// `retweets`, `most retweeted`: how many of them there were, rather than whether it is one.
    fn number_of(&self, flag: usize, span: &[Token]) -> Option<usize> {
        let [token] = span else { return None };
        let several = super::supposed::names_several(token) || super::supposed::is_participle(token);
        let counts = |f: &Field<'_>| {
            let counted = f.words.iter().any(|w| matches!(w.lower.as_str(), "count" | "number" | "total"));
            f.is_measure() && counted && f.words.len() == 2 && f.words.iter().any(|w| w.stem == token.stem)
        };
        let asked = several && self.data.fields[flag].role == Role::Flag;
        self.data.fields.iter().position(counts).filter(|_| asked)
    }

    /// `party` of a `party_code` and a `party_affiliation` is told by the words, where these tell as many apart.
    fn told_by_words(&self, spoken: &[Word], scored: &mut [(usize, f64)]) {
        let code = |f: &Field<'_>| {
            let tag = f.words.last().filter(|w| f.words.len() > 1 && !spoken.iter().any(|s| s.stem == w.stem));
            tag.is_some_and(|w| matches!(w.lower.as_str(), "code" | "id" | "key" | "number"))
        };
        let Some(&(first, best)) = scored.first() else { return };
        let coded = &self.data.fields[first];
        let told = |f: &Field<'_>| {
            let text = f.role == Role::Category && f.column.kind == ColumnType::Text && !code(f);
            text && f.column.distinct >= coded.column.distinct && f.joined == coded.joined
        };
        let few = code(coded) && !coded.joined && coded.column.distinct <= CODES_MAX;
        if let Some(at) = scored.iter().position(|(i, _)| few && told(&self.data.fields[*i])) {
            scored[..=at].rotate_right(1);
            scored[0].1 = best;
        }
    }

    /// Columns that the words name in part, the likeliest first.
    fn partly(&self, span: &[Token], spoken: &[Word]) -> Option<(Sure, Meaning)> {
        let weak = |t: &Token| lexicon::is_filler(&t.lower) || lexicon::keyword(&t.lower, &t.stem).is_some();
        // `volcano type`, `living area`: what is weak by itself may belong to a name.
        let part = |t: &Token| is_joint(t) || is_tag(t) || is_reading(t) || t.lower == "area";
        let several = span.len() > 1;
        let small = several && (span.iter().all(weak) || span.iter().any(|t| weak(t) && !part(t)));
        if !several && span.iter().all(weak) {
            return None;
        }
        // Words that are weak by themselves name a column only where they are its own.
        let own = |f: &Field<'_>| {
            let part = |lower: &str| matches!(lower, "percentage" | "percent" | "share");
            let has = |t: &Token| {
                f.words.iter().any(|w| w.stem == t.stem || part(&w.lower) && part(&t.lower) && span.len() > 1)
            };
            let exact = span.iter().filter(|t| !is_joint(t) && has(t)).count();
            exact > 0 && span.iter().all(|t| !weak(t) || is_joint(t) || t.lower == "area" || has(t))
        };
        if span.len() > 2 && span[0].lower == "number" && span[1].lower == "of" {
            return None;
        }
        // `appointments` are no affiliation at one.
        let aside = |f: &Field<'_>| {
            let plural = !several && super::supposed::names_several(&span[0]);
            let head = f.heads.iter().any(|&h| f.words[h].stem == span[0].stem);
            // `bookings` are no changes of them.
            let said = |w: &Word| w.stem == span[0].stem;
            let of_them = f.is_measure()
                && f.words.iter().any(said)
                && f.words.last().is_some_and(|w| !said(w) && super::roles::names_many(std::slice::from_ref(w)));
            // `applicants` are no type of application, `guests` not only those who came again; `licences issued` no date.
            let people = super::nouns::is_person(span.last().unwrap_or(&span[0]));
            let same = |w: &Word| span.iter().any(|t| t.lower.trim_end_matches('s') == w.lower.trim_end_matches('s'));
            let derived = people && !f.words.iter().any(same);
            let flagged = people && head && f.role == super::fields::Role::Flag && f.words.len() > 1;
            let done =
                super::supposed::names_several(&span[0]) && span.last().is_some_and(super::supposed::is_participle);
            let done = several && done && f.role == super::fields::Role::Time;
            plural && (derived || flagged && span.len() == 1)
                || done
                || plural && !head && (of_them || f.words.len() > 2 && f.words[0].stem != span[0].stem)
        };
        let mut scored: Vec<(usize, f64)> = self
            .data
            .fields
            .iter()
            .enumerate()
            .filter(|(_, f)| (!small || own(f)) && !aside(f))
            .filter_map(|(i, f)| score(spoken, f).map(|s| (i, s)))
            .filter(|(_, s)| *s > 0.35)
            .collect();
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| self.preference(a.0).cmp(&self.preference(b.0))));
        let best = scored.first()?.1;
        self.told_by_words(spoken, &mut scored);
        // A name that stands for the same things as a code.
        let first = self.data.fields[scored.first()?.0].column;
        let same = |i: usize| {
            let other = self.data.fields[i].column;
            other.kind == ColumnType::Text && first.kind == ColumnType::Text && other.distinct == first.distinct
        };
        let near = |(i, s): &&(usize, f64)| best - s < 0.12 || same(*i);
        let mut columns: Vec<usize> = scored.iter().filter(near).map(|(i, _)| *i).collect();
        columns.sort_by_key(|&i| {
            let field = &self.data.fields[i];
            let (wide, key, nulls, length) = self.preference(i);
            (tells_kind(field, spoken), wide + u8::from(is_early(field, spoken)), key, nulls, length, i)
        });
        if let Some(number) = columns.first().and_then(|&flag| self.number_of(flag, span)) {
            columns = vec![number];
        }
        Some((Sure::PartOfColumn, Meaning::Column(columns)))
    }
}

/// Whether it is a price that something began with, or was to have, where that is not said.
fn is_early(field: &Field<'_>, spoken: &[Word]) -> bool {
    const EARLY: &str = "origin original list start starting asking initial ship shipping";
    let early = |w: &Word| super::lists::has(EARLY, &w.lower) && !spoken.iter().any(|s| s.stem == w.stem);
    field.is_measure() && super::roles::has(&field.words, "price bid value") && field.words.iter().any(early)
}

/// `campaign` is one of them, not its type.
fn tells_kind(field: &Field<'_>, spoken: &[Word]) -> bool {
    let kind = |w: &Word| matches!(w.lower.as_str(), "type" | "kind" | "status" | "class" | "category" | "group");
    let words = &field.words;
    words.len() > 1 && words.last().is_some_and(|w| kind(w) && !spoken.iter().any(|s| s.stem == w.stem))
}

/// Grain words and small words keep their meaning even where a column has their name.
fn is_reserved(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Grain(_) | Keyword::By | Keyword::Only | Keyword::Not | Keyword::And | Keyword::Versus)
}
