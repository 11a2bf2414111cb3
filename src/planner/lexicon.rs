//! What words mean, whatever the data: keywords, synonyms, abbreviations, words without weight.
//!
//! Tables are written in plain words and compared by stem, so that `carriers` finds `carrier`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::query::{Agg, Course, Op};

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
    /// `sized by`: what follows is a figure.
    Sized,
    /// `for`, `in`, `only`: what follows restricts.
    Only,
    /// `excluding`, `without`
    Not,
    Versus,
    /// `than`: before a second period it compares the two.
    Than,
    Compare,
    /// `over time`, `trend`
    Trend,
    Grain(Grain),
    /// `per decade`
    Decade,
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
    /// Cannot be computed here: `on time`, `forecast`.
    Unsupported,
    /// `cumulative`, `moving average`, `year over year`: with the step of time, where it is said.
    Course(Course, Option<Grain>),
    /// `grew the most`, `fastest growing`: a ranking by the change from one period to another; of it as a part, where
    /// it is one of speed.
    Grown {
        rank: Rank,
        fast: bool,
    },
    /// `why`: what a change is made of.
    Why,
    /// `outliers`, `unusual`: how values are spread, and which stand apart.
    Outliers,
    /// `how much`: asks for one figure.
    Exact,
    /// `lose money`, `unprofitable`: profit below zero.
    Loss,
    /// A verb that names a figure, where no other is: `earn`, `cost`, `weigh`.
    Doing,
    /// `best selling`: a ranking by what was sold, where no other figure is named.
    Selling,
    /// An adjective that names a figure: `populous`, `deadly`.
    Quality,
    Kpi,
    /// `return rate`: after a column of true and false.
    Rate,
    /// What stands before is divided by what follows.
    Divided,
    /// What follows is subtracted from what stands before.
    Minus,
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
    /// `the others`: the other side of a condition that was named.
    Others,
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

/// Over how many steps an average moves, where nobody says.
pub const STEPS_USUAL: u32 = 3;

/// Single words; matched as written or on the stem.
pub fn keyword(lower: &str, stem: &str) -> Option<Keyword> {
    static BY_WORD: LazyLock<HashMap<String, Keyword>> = LazyLock::new(|| {
        let mut map = HashMap::new();
        for (words, keyword) in KEYWORDS {
            for word in words.split(' ') {
                map.entry(word.to_owned()).or_insert(*keyword);
            }
        }
        // `rating` is no rate, and `cost` not what `costly` says.
        let exact = |k: &Keyword| {
            matches!(
                k,
                Keyword::Rate
                    | Keyword::Row
                    | Keyword::Quality
                    | Keyword::Doing
                    | Keyword::Sized
                    | Keyword::Overview
                    | Keyword::And
            )
        };
        for (words, keyword) in KEYWORDS.iter().filter(|(_, k)| !exact(k)) {
            for stem in words.split(' ').map(super::words::stem).filter(|s| s.len() > 3) {
                map.entry(format!("~{stem}")).or_insert(*keyword);
            }
        }
        map
    });
    // `listings` are rooms, not a list.
    let like = || BY_WORD.get(&format!("~{stem}")).filter(|_| !super::nouns::is_noun(lower));
    BY_WORD.get(lower).or_else(like).copied()
}

/// Whether an unknown word is a misspelled small one.
pub fn is_misspelled_filler(lower: &str) -> bool {
    ["instead", "please", "display", "following"]
        .iter()
        .any(|w| lower.len() >= 5 && strsim::damerau_levenshtein(w, lower) <= 1)
}

/// The keyword a long unknown word was probably meant to be.
pub fn misspelled(lower: &str) -> Option<Keyword> {
    const LONG: &str = "average median maximum minimum percentage distribution histogram monthly quarterly yearly \
        heatmap scatter comparison breakdown excluding correlation relationship highest lowest largest cumulative";
    let near = |w: &&str| {
        let allowed = if w.len() >= 8 { 2 } else { 1 };
        w.chars().next() == lower.chars().next() && strsim::damerau_levenshtein(w, lower) <= allowed
    };
    // Short ones where a letter is missing, doubled, or two changed places.
    const SHORT: &str = "total count average median monthly weekly daily yearly chart table share trend";
    let close = |w: &&str| {
        w.chars().next() == lower.chars().next()
            && strsim::damerau_levenshtein(w, lower) == 1
            && (w.len() != lower.len() || strsim::hamming(w, lower).is_ok_and(|n| n == 2))
    };
    let short = || SHORT.split_ascii_whitespace().filter(|_| lower.len() >= 4).find(close);
    if let Some(meant) = short() {
        return keyword(meant, meant);
    }
    let meant = LONG.split_ascii_whitespace().filter(|_| lower.len() >= 6).find(near)?;
    keyword(meant, meant)
}

const KEYWORDS: &[(&str, Keyword)] = &[
    ("average mean avg averaged", Keyword::Agg(Agg::Avg)),
    ("total sum overall combined", Keyword::Agg(Agg::Sum)),
    ("median typical", Keyword::Agg(Agg::Median)),
    ("volatility variability stddev stdev", Keyword::Agg(Agg::Deviation)),
    ("distinct unique different", Keyword::Agg(Agg::Distinct)),
    ("minimum min", Keyword::Agg(Agg::Min)),
    ("maximum max peak", Keyword::Agg(Agg::Max)),
    ("count number counts frequency frequencies headcount tally tallies", Keyword::Count),
    ("bar bars column columns barchart barplot bargraph columnchart", Keyword::Chart(CardKind::Bar)),
    ("line lines linechart lineplot linegraph curve curves", Keyword::Chart(CardKind::Line)),
    ("area", Keyword::Chart(CardKind::Area)),
    ("pie pies piechart", Keyword::Chart(CardKind::Pie)),
    ("donut doughnut donuts doughnuts ring", Keyword::Chart(CardKind::Donut)),
    ("table list listing tables tabular spreadsheet", Keyword::Chart(CardKind::Table)),
    ("heatmap heatmaps matrix crosstab", Keyword::Chart(CardKind::Heatmap)),
    ("scatter scatterplot scattergram", Keyword::Chart(CardKind::Scatter)),
    ("bubble bubbles", Keyword::Chart(CardKind::Bubble)),
    ("sized size", Keyword::Sized),
    ("histogram", Keyword::Chart(CardKind::Histogram)),
    ("boxplot boxplots box", Keyword::Chart(CardKind::Boxplot)),
    ("radar spider", Keyword::Chart(CardKind::Radar)),
    ("funnel", Keyword::Chart(CardKind::Funnel)),
    ("gauge", Keyword::Chart(CardKind::Gauge)),
    ("map choropleth maps", Keyword::Chart(CardKind::Choropleth)),
    ("geomap", Keyword::Chart(CardKind::Geomap)),
    ("kpi kpis indicator figure", Keyword::Kpi),
    ("stacked stack", Keyword::Stacked),
    ("by per across each every", Keyword::By),
    (
        "for in only where from with at on during just within among out into to when whose having is are was were equals equal",
        Keyword::Only,
    ),
    ("not excluding except exclude without excludes ignoring ignore minus omit outside", Keyword::Not),
    ("vs versus against", Keyword::Versus),
    ("seasonal seasonality seasonally", Keyword::Grain(Grain::MonthOfYear)),
    ("than", Keyword::Than),
    ("why explain", Keyword::Why),
    ("outlier outliers anomaly anomalies anomalous unusual unusually abnormal abnormally", Keyword::Outliers),
    ("unprofitable lossmaking", Keyword::Loss),
    ("cumulative cumulatively cumulated accumulate accumulated accumulating", Keyword::Course(Course::Running, None)),
    ("yoy", Keyword::Course(Course::Change, Some(Grain::Year))),
    ("mom", Keyword::Course(Course::Change, Some(Grain::Month))),
    ("smooth smoothed smoother smoothing", super::phrases::MOVING),
    ("growth", Keyword::Course(Course::Change, None)),
    (
        "closer nearer farther further bigger larger wider newer quicker populous populated warmer hotter colder cooler wetter drier windier richer poorer older younger taller heavier lighter faster slower longer shorter deeper wider stronger weaker thicker thinner deadly expensive dear costly wealthy",
        Keyword::Quality,
    ),
    (
        "earner earners earn earns earned earning paid weigh weighs weighed costs spend spends spent lasts lasted lasting took selling sells sell borrows borrowed lends lent owes owed raised",
        Keyword::Doing,
    ),
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
    ("fy", Keyword::Grain(Grain::FiscalYear)),
    ("decade decades", Keyword::Decade),
    ("weekday weekdays", Keyword::Grain(Grain::DayOfWeek)),
    ("top", Keyword::Rank(Rank::Top)),
    ("best", Keyword::Rank(Rank::Best)),
    ("worst", Keyword::Rank(Rank::Worst)),
    ("bottom", Keyword::Rank(Rank::Bottom)),
    (
        "most highest largest biggest greatest longest heaviest fastest busiest strongest deadliest wettest rainiest windiest leading maximal hottest warmest richest priciest oldest tallest deepest widest brightest densest thickest farthest furthest quickest",
        Keyword::Rank(Rank::Most),
    ),
    (
        "least lowest smallest fewest shortest lightest slowest cheapest weakest minimal coldest poorest youngest driest calmest shallowest narrowest thinnest dimmest safest rarest closest nearest",
        Keyword::Rank(Rank::Least),
    ),
    ("share percentage percent proportion portion fraction shares composition makeup pct", Keyword::Share),
    ("breakdown mix", Keyword::Breakdown),
    ("difference differences", Keyword::Filler),
    ("others remainder", Keyword::Others),
    ("distribution distributed spread", Keyword::Distribution),
    (
        "correlation relationship correlate relation correlated relate affect affects influence influences impact reduce reduces hurt hurts improve improves boost boosts harm harms raise raises cause causes",
        Keyword::Correlation,
    ),
    ("above exceeding exceeds", Keyword::Compared(Op::Gt)),
    ("after", Keyword::Dated(Op::Gt)),
    ("since", Keyword::Dated(Op::Gte)),
    ("below under", Keyword::Compared(Op::Lt)),
    ("before", Keyword::Dated(Op::Lt)),
    ("until till through", Keyword::Dated(Op::Lte)),
    ("over", Keyword::Compared(Op::Gt)),
    ("between", Keyword::Between),
    ("last past latest recent previous newest", Keyword::Last),
    (
        "overview summary summarize summarise explore dashboard insight insights overall report performance exploration analyze analyse analysis understand highlights key everything interesting takeaways story picture gist",
        Keyword::Overview,
    ),
    ("margin margins ratio", Keyword::Margin),
    ("rate", Keyword::Rate),
    ("forecast predict prediction", Keyword::Unsupported),
    ("and plus also then additionally followed", Keyword::And),
    ("sort sorted ordered rank ranked arrange", Keyword::Sort),
    ("orders order transactions purchases", Keyword::Order),
    ("ascending asc increasing rising", Keyword::Ascending),
    ("descending desc decreasing falling", Keyword::Descending),
    ("row rows record records entry entries observation observations item items", Keyword::Row),
];

/// All words of the language of charts, and those without weight.
pub fn words() -> impl Iterator<Item = &'static str> {
    KEYWORDS.iter().flat_map(|(words, _)| words.split(' ')).chain(FILLER.split_ascii_whitespace())
}

/// Words that neither ask for nor exclude anything.
pub fn is_filler(lower: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| FILLER.split_ascii_whitespace().collect());
    WORDS.contains(lower)
        || (lower.len() > 5 && lower.ends_with("ly"))
        || (lower.chars().count() == 1 && !lower.chars().all(char::is_alphanumeric))
}

const FILLER: &str = "called ie eg etc asked polled covered carry carries carrying found produced produces produce producing discovered observed spotted detected collected gathered conducted \
    handled placed posted issued submitted delivered transported carried caught taught sampled surveyed granted awarded \
    committed experienced suffered faced encountered undertaken happened caused lies lie lay stands stood consists \
    altogether feel knowing ever typically usually normally generally respectively broadly enough suffice suffices sufficient fine perfect but though habit habits world worldwide globe somehow \
    host hosted hosting hosts grow grows grew grown growing shrink shrank shrunk shrinking risen moved moving \
    erm um hmm pls plz thx cheers plain simple nicer nicest prettier cleaner bold neat proper actual real true precise possible available corresponding respective \
    given certain particular specific normal usual regular whole entire measured measure recorded record observed reported registered noted listed counted calculated \
    calculate computed compute attended based located situated belong belongs belonging consist consists shown showing displayed presented able wanna gonna aboard board \
    roughly approximately anyone someone thing things stuff anything something rid horizontal vertical horizontally vertically side preferably nicely ones better worse sense makes \
    fairly exactly actually currently overview-like curious interested check checking examine examining investigate track tracking monitor monitoring study studying explore exploring review reviewing \
    illustrate depict outline summarise describe describing represents representing reflecting denote mention mentioned quickly briefly yet whats wheres hows whos whose whom itself themselves \
    similar similarly relative relatively level levels set sets range ranging amongst within throughout toward towards upon beyond beside besides versus-like especially particularly mainly mostly \
    develop developed developing develops evolve evolves evolving progress progressed progressing unfold unfolded improve improved improves worsen worsened gone gets getting got become became becomes \
    prefer preferred rather wish drive drives driven win wins won winning score scored play played bring brings brought put puts putting using uses used helps helping useful worth know-how try trying start starts started starting begin begins began end ends ended ending finish \
    happened-to tend tends tended appear appears appeared seem remain remains remained stay stays stayed belong hold holds held own owns owned offer offers offered serve serves served enter \
    visited visits-to attended went going been being were wasn isn aren don doesn didn dont doesnt didnt cant couldnt wont wouldnt im ive id youd theyre thats whatever however whichever reverse reversed flip order limit restrict alphabetical alphabetic everything instead turn update rather replace switch convert transform rename swap edit modify fix apply a an the this that these those it its they them their there here he she his her we us our ours i me my mine you your \
    of as or be been being am do does did done has have had can could should would will shall may might must \
    show display plot draw give get make create build generate see view visualize visualise visualization visualizations visualisation \
    present provide produce render find tell want wants need needs like love please kindly let lets help look looking think wonder know \
    what which who how whats hows chart charts graph graphs plots diagram diagrams figures visual visuals card cards widget widgets panel panels \
    data dataset datasets file information info numbers metrics metric statistics stats value values measure measures kind kinds sort type types \
    some any all both either else more very really just quite so too also much many lot lots few several various other another same new \
    about around based using use used via regarding concerning respect terms term against according depending depend depends \
    change changes changed changing vary varies varied variation variations differ differs difference differences different pattern patterns \
    happen happens happened happening go going went come comes came look looks seem seems get gets got behave behaviour behavior affect affects \
    good nice great beautiful simple clear detailed detail quick short brief full complete comprehensive general main important relevant useful \
    interactive big basic high level team boss manager management executive executives meeting presentation stakeholder stakeholders ceo business \
    question questions answer idea ideas thanks thank hi hello hey ok okay yes well now today currently current first second third then \
    per through across along between among into onto upon if whether while because since not no up down out off \
    perform performs performed performing doing works working compare compared single separate separately individual different grouped multi series \
    layout side next together one ones two three four five six seven eight nine ten dozen highlight include including includes included \
    contain contains containing represent represents again still already sold bought purchased same next period periods live lives lived living lying large small high low higher lower bigger fall falls fell drop drops dropped dropping rise rises rose rising decline declines declined decrease decreased increase increased spike spiked jump jumped peaked there's even ever always each every people popular common dangerous \
    make makes made take takes taken keep keeps put set let give gives given exist exists occur occurs occurred occurring \
    left leave leaves flown fly released release come comes color colour colored coloured group groups break broken down split by way ways";
