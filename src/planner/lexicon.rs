//! What words mean, whatever the data: keywords, synonyms, abbreviations, words without weight.
//!
//! Tables are written in plain words and compared by stem, so that `carriers` finds `carrier`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::query::{Agg, Op};

/// The meaning of a word or phrase that belongs to the language of charts rather than to the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keyword {
    Agg(Agg),
    /// `number of`, `how many`
    Count,
    Chart(CardKind),
    Stacked,
    By,
    /// `coloured by`
    Colour,
    /// `for`, `in`, `only`: what follows restricts.
    Only,
    /// `excluding`, `without`
    Not,
    Versus,
    Compare,
    /// `over time`, `trend`
    Trend,
    Grain(Grain),
    Rank(Rank),
    Share,
    Breakdown,
    Distribution,
    Correlation,
    Compared(Op),
    Between,
    /// `since`, `before`: a comparison that may be with a date.
    Dated(Op),
    /// `last`, `past`: a period before the newest date.
    Last,
    Overview,
    /// Cannot be computed here: `growth`, `on time`.
    Unsupported,
    Kpi,
    /// `return rate`: after a column of true and false.
    Rate,
    /// `margin`: profit by sales.
    Margin,
    And,
    Sort,
    Ascending,
    Descending,
    /// A word for one row of any table.
    Row,
    /// A word for one row of a table of sales.
    Order,
    /// Asks for nothing by itself.
    Filler,
}

/// Which end of an order is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// `top`, `best`: the good end, which for delays or costs is not the large one; `top` is always the large one.
    Top,
    Best,
    Worst,
    Bottom,
    /// `highest`, `most`
    Most,
    /// `lowest`, `fewest`
    Least,
}

/// Phrases, longest first within a first word; matched on stems.
pub const PHRASES: &[(&str, Keyword)] = &[
    ("number of distinct", Keyword::Agg(Agg::Distinct)),
    ("number of different", Keyword::Agg(Agg::Distinct)),
    ("number of unique", Keyword::Agg(Agg::Distinct)),
    ("how many different", Keyword::Agg(Agg::Distinct)),
    ("how many distinct", Keyword::Agg(Agg::Distinct)),
    ("how many unique", Keyword::Agg(Agg::Distinct)),
    ("distinct count of", Keyword::Agg(Agg::Distinct)),
    ("number of", Keyword::Count),
    ("count of", Keyword::Count),
    ("how many", Keyword::Count),
    ("how often", Keyword::Count),
    ("how much", Keyword::Filler),
    ("over time", Keyword::Trend),
    ("through time", Keyword::Trend),
    ("across time", Keyword::Trend),
    ("time series", Keyword::Trend),
    ("order by", Keyword::Sort),
    ("on time", Keyword::Unsupported),
    ("year over year", Keyword::Unsupported),
    ("month over month", Keyword::Unsupported),
    ("week over week", Keyword::Unsupported),
    ("running total", Keyword::Unsupported),
    ("moving average", Keyword::Unsupported),
    ("rolling average", Keyword::Unsupported),
    ("standard deviation", Keyword::Unsupported),
    ("sort by", Keyword::Sort),
    ("over the years", Keyword::Grain(Grain::Year)),
    ("over the months", Keyword::Grain(Grain::Month)),
    ("hour of the day", Keyword::Grain(Grain::HourOfDay)),
    ("hour of day", Keyword::Grain(Grain::HourOfDay)),
    ("time of the day", Keyword::Grain(Grain::HourOfDay)),
    ("time of day", Keyword::Grain(Grain::HourOfDay)),
    ("hours of the day", Keyword::Grain(Grain::HourOfDay)),
    ("day of the week", Keyword::Grain(Grain::DayOfWeek)),
    ("day of week", Keyword::Grain(Grain::DayOfWeek)),
    ("days of the week", Keyword::Grain(Grain::DayOfWeek)),
    ("week day", Keyword::Grain(Grain::DayOfWeek)),
    ("month of the year", Keyword::Grain(Grain::MonthOfYear)),
    ("month of year", Keyword::Grain(Grain::MonthOfYear)),
    ("months of the year", Keyword::Grain(Grain::MonthOfYear)),
    ("calendar month", Keyword::Grain(Grain::MonthOfYear)),
    ("share of", Keyword::Share),
    ("percentage of", Keyword::Share),
    ("percent of", Keyword::Share),
    ("proportion of", Keyword::Share),
    ("fraction of", Keyword::Share),
    ("part of", Keyword::Share),
    ("split by", Keyword::By),
    ("broken down by", Keyword::By),
    ("break down by", Keyword::By),
    ("broken out by", Keyword::By),
    ("grouped by", Keyword::By),
    ("group by", Keyword::By),
    ("coloured by", Keyword::Colour),
    ("colored by", Keyword::Colour),
    ("color by", Keyword::Colour),
    ("colour by", Keyword::Colour),
    ("for each", Keyword::By),
    ("in each", Keyword::By),
    ("of each", Keyword::By),
    ("of every", Keyword::By),
    ("for every", Keyword::By),
    ("in every", Keyword::By),
    ("more than", Keyword::Compared(Op::Gt)),
    ("greater than", Keyword::Compared(Op::Gt)),
    ("larger than", Keyword::Compared(Op::Gt)),
    ("higher than", Keyword::Compared(Op::Gt)),
    ("bigger than", Keyword::Compared(Op::Gt)),
    ("longer than", Keyword::Compared(Op::Gt)),
    ("later than", Keyword::Dated(Op::Gt)),
    ("less than", Keyword::Compared(Op::Lt)),
    ("fewer than", Keyword::Compared(Op::Lt)),
    ("lower than", Keyword::Compared(Op::Lt)),
    ("smaller than", Keyword::Compared(Op::Lt)),
    ("shorter than", Keyword::Compared(Op::Lt)),
    ("earlier than", Keyword::Dated(Op::Lt)),
    ("at least", Keyword::Compared(Op::Gte)),
    ("no less than", Keyword::Compared(Op::Gte)),
    ("at most", Keyword::Compared(Op::Lte)),
    ("no more than", Keyword::Compared(Op::Lte)),
    ("up to", Keyword::Compared(Op::Lte)),
    ("other than", Keyword::Not),
    ("except for", Keyword::Not),
    ("leave out", Keyword::Not),
    ("leaving out", Keyword::Not),
    ("filter out", Keyword::Not),
    ("is not", Keyword::Not),
    ("are not", Keyword::Not),
    ("compared to", Keyword::Versus),
    ("compared with", Keyword::Versus),
    ("as well as", Keyword::And),
    ("bar chart", Keyword::Chart(CardKind::Bar)),
    ("column chart", Keyword::Chart(CardKind::Bar)),
    ("single number", Keyword::Kpi),
    ("single figure", Keyword::Kpi),
    ("big number", Keyword::Kpi),
    ("key figure", Keyword::Kpi),
    ("key metric", Keyword::Kpi),
    ("key indicators", Keyword::Kpi),
    ("line chart", Keyword::Chart(CardKind::Line)),
    ("heat map", Keyword::Chart(CardKind::Heatmap)),
    ("box plot", Keyword::Chart(CardKind::Boxplot)),
    ("scatter plot", Keyword::Chart(CardKind::Scatter)),
    ("tell me about", Keyword::Overview),
    ("main points", Keyword::Overview),
    ("deep dive", Keyword::Overview),
    ("best first", Keyword::Descending),
    ("highest first", Keyword::Descending),
    ("largest first", Keyword::Descending),
    ("worst first", Keyword::Ascending),
    ("lowest first", Keyword::Ascending),
    ("smallest first", Keyword::Ascending),
    ("high to low", Keyword::Descending),
    ("low to high", Keyword::Ascending),
    ("z to a", Keyword::Descending),
    ("a to z", Keyword::Ascending),
];

/// Single words; matched as written or on the stem.
pub fn keyword(lower: &str, stem: &str) -> Option<Keyword> {
    static BY_WORD: LazyLock<HashMap<String, Keyword>> = LazyLock::new(|| {
        let mut map = HashMap::new();
        for (words, keyword) in KEYWORDS {
            for word in words.split(' ') {
                map.entry(word.to_owned()).or_insert(*keyword);
            }
        }
        // `rating` is no rate.
        for (words, keyword) in KEYWORDS.iter().filter(|(_, k)| *k != Keyword::Rate) {
            for stem in words.split(' ').map(super::words::stem).filter(|s| s.len() > 3) {
                map.entry(format!("~{stem}")).or_insert(*keyword);
            }
        }
        map
    });
    BY_WORD.get(lower).or_else(|| BY_WORD.get(&format!("~{stem}"))).copied()
}

/// The keyword a long unknown word was probably meant to be.
pub fn misspelled(lower: &str) -> Option<Keyword> {
    const LONG: &str = "average median maximum minimum percentage distribution histogram monthly quarterly yearly \
        heatmap scatter comparison breakdown excluding correlation relationship highest lowest largest";
    let near = |w: &&str| {
        let allowed = if w.len() >= 8 { 2 } else { 1 };
        w.chars().next() == lower.chars().next() && strsim::damerau_levenshtein(w, lower) <= allowed
    };
    let meant = LONG.split_ascii_whitespace().filter(|_| lower.len() >= 6).find(near)?;
    keyword(meant, meant)
}

const KEYWORDS: &[(&str, Keyword)] = &[
    ("average mean avg averaged", Keyword::Agg(Agg::Avg)),
    ("total sum overall combined", Keyword::Agg(Agg::Sum)),
    ("median typical", Keyword::Agg(Agg::Median)),
    ("distinct unique different", Keyword::Agg(Agg::Distinct)),
    ("minimum min", Keyword::Agg(Agg::Min)),
    ("maximum max peak", Keyword::Agg(Agg::Max)),
    ("count number counts frequency frequencies", Keyword::Count),
    ("bar bars column columns barchart", Keyword::Chart(CardKind::Bar)),
    ("line lines linechart", Keyword::Chart(CardKind::Line)),
    ("area", Keyword::Chart(CardKind::Area)),
    ("pie", Keyword::Chart(CardKind::Pie)),
    ("donut doughnut", Keyword::Chart(CardKind::Donut)),
    ("table list listing", Keyword::Chart(CardKind::Table)),
    ("heatmap", Keyword::Chart(CardKind::Heatmap)),
    ("scatter scatterplot", Keyword::Chart(CardKind::Scatter)),
    ("histogram", Keyword::Chart(CardKind::Histogram)),
    ("boxplot boxplots box", Keyword::Chart(CardKind::Boxplot)),
    ("kpi kpis indicator figure", Keyword::Kpi),
    ("stacked", Keyword::Stacked),
    ("by per across each every", Keyword::By),
    (
        "for in only where from with at on during just within among out into to when whose having is are was were equals equal",
        Keyword::Only,
    ),
    ("not excluding except exclude without excludes ignoring ignore minus omit", Keyword::Not),
    ("vs versus against", Keyword::Versus),
    ("compare comparing comparison contrast", Keyword::Compare),
    ("time trend trends evolution development evolve evolved timeline", Keyword::Trend),
    ("hourly", Keyword::Grain(Grain::Hour)),
    ("daily", Keyword::Grain(Grain::Day)),
    ("weekly", Keyword::Grain(Grain::Week)),
    ("monthly", Keyword::Grain(Grain::Month)),
    ("quarterly", Keyword::Grain(Grain::Quarter)),
    ("yearly annual annually", Keyword::Grain(Grain::Year)),
    ("hour hours", Keyword::Grain(Grain::Hour)),
    ("day days date dates", Keyword::Grain(Grain::Day)),
    ("week weeks", Keyword::Grain(Grain::Week)),
    ("month months", Keyword::Grain(Grain::Month)),
    ("quarter quarters", Keyword::Grain(Grain::Quarter)),
    ("year years", Keyword::Grain(Grain::Year)),
    ("weekday weekdays", Keyword::Grain(Grain::DayOfWeek)),
    ("top", Keyword::Rank(Rank::Top)),
    ("best", Keyword::Rank(Rank::Best)),
    ("worst", Keyword::Rank(Rank::Worst)),
    ("bottom", Keyword::Rank(Rank::Bottom)),
    (
        "most highest largest biggest greatest longest heaviest fastest busiest strongest leading maximal hottest warmest richest priciest oldest tallest",
        Keyword::Rank(Rank::Most),
    ),
    (
        "least lowest smallest fewest shortest lightest slowest cheapest weakest minimal coldest poorest youngest",
        Keyword::Rank(Rank::Least),
    ),
    ("share percentage percent proportion shares composition makeup pct", Keyword::Share),
    ("breakdown", Keyword::Breakdown),
    ("distribution distributed spread", Keyword::Distribution),
    ("correlation relationship correlate relation correlated relate", Keyword::Correlation),
    ("above exceeding exceeds", Keyword::Compared(Op::Gt)),
    ("after", Keyword::Dated(Op::Gt)),
    ("since", Keyword::Dated(Op::Gte)),
    ("below under", Keyword::Compared(Op::Lt)),
    ("before", Keyword::Dated(Op::Lt)),
    ("until till through", Keyword::Dated(Op::Lte)),
    ("over", Keyword::Compared(Op::Gt)),
    ("between", Keyword::Between),
    ("last past latest recent previous", Keyword::Last),
    (
        "overview summary summarize summarise explore dashboard insight insights overall report performance exploration analyze analyse analysis understand highlights key everything interesting story",
        Keyword::Overview,
    ),
    ("margin margins", Keyword::Margin),
    ("rate", Keyword::Rate),
    ("growth cumulative forecast", Keyword::Unsupported),
    ("and plus also then additionally followed", Keyword::And),
    ("sort sorted ordered rank ranked arrange", Keyword::Sort),
    ("orders order transactions purchases", Keyword::Order),
    ("ascending asc increasing rising", Keyword::Ascending),
    ("descending desc decreasing falling", Keyword::Descending),
    ("row rows record records entry entries observation observations item items", Keyword::Row),
];

/// Words that neither ask for nor exclude anything.
pub fn is_filler(lower: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| FILLER.split_ascii_whitespace().collect());
    WORDS.contains(lower)
        || (lower.len() > 5 && lower.ends_with("ly"))
        || (lower.chars().count() == 1 && !lower.chars().all(char::is_alphanumeric))
}

const FILLER: &str = "reverse reversed flip order limit restrict alphabetical alphabetic everything instead turn update rather replace switch convert transform rename swap edit modify fix apply a an the this that these those it its they them their there here he she his her we us our ours i me my mine you your \
    of as or be been being am do does did done has have had can could should would will shall may might must \
    show display plot draw give get make create build generate see view visualize visualise visualization visualizations visualisation \
    present provide produce render find tell want wants need needs like love please kindly let lets help look looking think wonder know \
    what which who how why whats hows chart charts graph graphs plots diagram diagrams figures visual visuals card cards widget widgets panel panels \
    data dataset datasets file information info numbers metrics metric statistics stats value values measure measures kind kinds sort type types \
    some any all both either else more very really just quite so too also much many lot lots few several various other another same new \
    about around based using use used via regarding concerning respect terms term against according depending depend depends \
    change changes changed changing vary varies varied variation variations differ differs difference differences different pattern patterns \
    happen happened happening go going went come comes came look looks seem seems get gets got behave behaviour behavior affect affects \
    good nice great beautiful simple clear detailed detail quick short brief full complete comprehensive general main important relevant useful \
    interactive big basic high level team boss manager management executive executives meeting presentation stakeholder stakeholders ceo business \
    question questions answer idea ideas thanks thank hi hello hey ok okay yes well now today currently current first second third then \
    per through across along between among into onto upon if whether while because since than not no up down out off \
    perform performs performed performing doing works working compare compared single separate separately individual different grouped multi series \
    layout side next together one ones two three four five six seven eight nine ten dozen highlight include including includes included \
    contain contains containing represent represents again still already even ever always each every people popular common dangerous \
    make makes made take takes taken keep keeps put set let give gives given exist exists occur occurs occurred occurring \
    left leave leaves flown fly released release come comes color colour colored coloured group groups break broken down split by way ways";
