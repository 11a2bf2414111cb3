//! Names grown together: `poptotal`, `percbelowpoverty`, `inmetro` are taken apart into the words they are made of.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use vizroom_protocol::file::Dataset;

use super::lexicon;
use super::roles::{MEAN_WORDS, SUM_WORDS};
use super::synonyms::SYNONYMS;
use super::vocabulary::ABBREVIATIONS;
use super::words::{spoken_words, stem};

/// Shortest and longest name that is taken apart, shortest of its words, and most of them.
const NAME_MIN: usize = 6;
const NAME_MAX: usize = 48;
const WORD_MIN: usize = 3;
const WORDS_MAX: usize = 4;
/// Letters that are enough to know a word whose end was cut off: `povert`.
const CUT_MIN: usize = 5;
/// Columns that begin alike, for their beginning to be a word of its own, and letters of what follows it.
const ALIKE_MIN: usize = 3;
const REST_MIN: usize = 4;

/// Words that names of columns are made of, besides those the planner knows anyway.
const COMMON: &str = "above absent account active actual adult after age agency agent airport all alone amount animal annual app \
    approved arm army arrival article asian asset attack author away baby back bad balance ball band bank base bath bathroom \
    bed bedroom before begin below best bike bill bird birth black block blood blue board boat body bonus book bottom box \
    brand bread bride bridge bronze building built bus billing business buy calories camp campaign cancer capacity capital car carbs \
    card care case cash cell center central chain channel charge cheese child children cholesterol church city class client \
    close clothing cloud coach code coffee cold college color colour comment common company complete cook cord corn cost \
    count country county course court cover credit crime crop cup cure currency current custom customer cut cycle daily \
    data date day days dead deal death debt deep degree delay delivery demand depth desk device diet dinner direct dish disk \
    district doctor dollar door double down draft dress drink drive driver drop drug duration early earn east eat \
    education egg elderly electric email employed employment end energy engine entry error event exit expense exports eye \
    face factor fail fall family fan farm fast fat father federal fee female fiber field film final fire first fish flag \
    flight floor flow food foot force foreign forest form free fresh friend front fruit fuel full fund game garage gas \
    gender general gift girl glass goal goals gold good grade grain grand grant green gross ground group grow growth guest \
    guide hair hand hard head health heart heat heavy height high hispanic hit holder holiday home horse hospital hot hotel \
    hour hours house household human husband ice image import income index indian industry infant inflation initial injury \
    inner inspection insurance interest invoice iron island item job juice keeper key kid kill killed kind kitchen labor \
    labour lake land large last late law lead league left leg length level library life light limit line list live load \
    loan local location long loss lot love low lower lunch machine mail main maintenance make male man manager map mark \
    market marriage married mass match mate material math max meal mean meat media medical medicine medium meet member \
    men mental metal meter metro middle mile miles military milk mine minor minute minutes model money month mortality \
    mother motor mountain mouse mouth move movie music name native near neck need net network new news night noise north \
    note number nurse occupied ocean offer office officer oil old online open operation option order other outer outside \
    over own owner page paid pain paper parent park part partner party pass passenger past pay payment peak pension people \
    percent period person phone photo pick pickup piece place plan plant plastic plate play played player point police policy \
    pool poor population port position post poverty power present price prison private prod profit program project property \
    protein public pulse purchase quality quantity quarter race rail rain range rank rate rating raw reading rear receipt \
    record red refund region release rent rental repair reply report request rest result retail return revenue review reward \
    rice ride right ring rise risk river road role roof room root round route rule run rural sale sales salary salt \
    sample saving savings scale school science score sea season seat second sector security segment self sell senior series \
    service session sex shape share shelf ship shipping shoe shop short shot show sick side sign silver site size skill \
    skin sleep small smoke smoker snow social sodium soft soil solar sold source south space speed spend sport spouse spring \
    stage staff standard star start state station status steel step stock stop storage store storm story stream street \
    strength stress student study style sub subject sugar sum summer sun supply support surface survey sweet swim system \
    table target task tax teacher team teen temperature term test text thick ticket tide time tip title today top total \
    tourism town toy track trade traffic train transport travel treatment tree trip truck true turn type under union unit \
    unemployed unemployment university upper urban usage use user valid value van vehicle video view village visit visitor \
    vitamin volume vote wage wait walk wall war waste watch water wave way weather web week weekend weight west white \
    wide width wife win wind window wine winter woman women wood word work worker world worth write year years yellow \
    yesterday young youth zone american african black white latino hawaiian european prof carbon dioxide sulfur nitrogen \
    ozone alcohol acid";

/// Small words that may stand inside a name, and short forms that only begin one.
const SMALL: &str = "in of on at by no is has per non tv";
const BEGINNINGS: &[(&str, &str)] =
    &[("perc", "percent"), ("per", "percent"), ("pct", "percent"), ("num", "number"), ("avg", "average")];

/// Short forms that begin several names.
const PREFIXES: &str = "perc pct pop avg num cnt tot max min med pre post sum std";

/// The words of a name, as a person says them; what has grown together is taken apart.
pub fn words_of(name: &str, dataset: &Dataset) -> Vec<String> {
    let words = spoken_words(name);
    let taken = |word: &str| extreme(word, dataset).or_else(|| apart(word)).or_else(|| alike(word, dataset));
    words.into_iter().flat_map(|word| taken(&word).unwrap_or(vec![word])).collect()
}

/// `tmax` beside `tmin`: the temperature at its two ends.
fn extreme(word: &str, dataset: &Dataset) -> Option<Vec<String>> {
    let has = |name: &str| dataset.columns.iter().any(|c| spoken_words(&c.name).iter().any(|w| w == name));
    let end = match word.strip_prefix('t')? {
        end @ ("max" | "min") => end,
        end @ ("avg" | "mean" | "med") if has("tmax") || has("tmin") => end,
        _ => return None,
    };
    (has("tmax") && has("tmin")).then(|| vec![end.to_owned(), "temp".to_owned()])
}

/// All words known, with what they are short for.
fn known(word: &str) -> Option<&'static str> {
    static WORDS: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
        let lists = [COMMON, MEAN_WORDS, SUM_WORDS].into_iter().chain(SYNONYMS.iter().copied());
        let plain = lists.flat_map(str::split_ascii_whitespace).filter(|w| w.len() >= WORD_MIN);
        let short = ABBREVIATIONS.iter().filter(|(short, _)| short.len() >= WORD_MIN);
        let mut map: HashMap<String, &'static str> = plain.map(|w| (w.to_owned(), w)).collect();
        map.extend(short.map(|(short, _)| ((*short).to_owned(), *short)));
        map
    });
    let singular = || word.strip_suffix('s').filter(|w| w.len() > WORD_MIN).and_then(|w| WORDS.get(w));
    WORDS.get(word).or_else(singular).copied()
}

/// Whether it is a word that names of columns are made of.
pub fn is_known(word: &str) -> bool {
    known(word).is_some() || is_word(word)
}

/// Whether it is such a word by itself, and no short form of another.
pub fn is_whole(word: &str) -> bool {
    known(word).is_some() && !ABBREVIATIONS.iter().any(|(short, _)| *short == word)
}

/// The known word that a cut-off one begins.
fn completed(cut: &str) -> Option<String> {
    static LONG: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| COMMON.split_ascii_whitespace().filter(|w| w.len() > CUT_MIN).collect());
    let begins = |w: &&&str| w.starts_with(cut) && w.len() <= cut.len() + 2;
    (cut.len() >= CUT_MIN).then(|| LONG.iter().find(begins)).flatten().map(|w| (*w).to_owned())
}

/// The fewest known words that a word is made of; nothing for one that is known, or that has no such parts.
fn apart(word: &str) -> Option<Vec<String>> {
    let whole = known(word).is_some() || is_word(word);
    // `yearid`, `playerid`
    if let Some(thing) = word.strip_suffix("id").filter(|w| !whole && w.len() > WORD_MIN && is_whole(w)) {
        return Some(vec![thing.to_owned(), "id".to_owned()]);
    }
    if whole || !(NAME_MIN..=NAME_MAX).contains(&word.len()) || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let begun = BEGINNINGS.iter().filter_map(|(short, full)| {
        let left = word.strip_prefix(short)?;
        // `avgprs`: a word without its vowels.
        let bare = || (3..=4).contains(&left.len()) && !left.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        let mut rest = parts(left, WORDS_MAX).or_else(|| bare().then(|| vec![left.to_owned()]))?;
        rest.insert(0, (*full).to_owned());
        Some(rest)
    });
    begun.chain(parts(word, WORDS_MAX)).filter(|p| p.len() > 1).min_by_key(Vec::len)
}

fn parts(rest: &str, most: usize) -> Option<Vec<String>> {
    if rest.is_empty() {
        return Some(Vec::new());
    }
    if most == 0 {
        return None;
    }
    let small = |w: &str| super::lists::has(SMALL, w);
    let longest = (2..=rest.len()).rev().filter_map(|cut| {
        let (first, others) = rest.split_at(cut);
        let full = match known(first) {
            Some(_) => first.to_owned(),
            None if small(first) && others.len() >= REST_MIN => first.to_owned(),
            None if others.is_empty() => completed(first)?,
            None => return None,
        };
        let mut all = parts(others, most - 1)?;
        all.insert(0, full);
        Some(all)
    });
    longest.min_by_key(Vec::len)
}

/// `popamerindian` beside `popwhite` and `popblack`: a known beginning of several names is a word of its own.
fn alike(word: &str, dataset: &Dataset) -> Option<Vec<String>> {
    if word.len() < NAME_MIN || known(word).is_some() || is_word(word) || !word.is_ascii() {
        return None;
    }
    let (first, rest) = PREFIXES.split(' ').find_map(|p| word.strip_prefix(p).map(|rest| (p, rest)))?;
    // Another letter after it in each: `disc` of `discount`, `discovery` is no word of its own.
    let begins = |c: &vizroom_protocol::file::Column| {
        let tail = c.name.get(..first.len()).filter(|p| p.eq_ignore_ascii_case(first)).map(|p| &c.name[p.len()..]);
        tail.and_then(|t| t.chars().next()).map(|c| c.to_ascii_lowercase())
    };
    let mut next: Vec<char> = dataset.columns.iter().filter_map(begins).collect();
    next.sort_unstable();
    next.dedup();
    (rest.len() >= REST_MIN && next.len() >= ALIKE_MIN).then(|| vec![first.to_owned(), rest.to_owned()])
}

/// Words of the language that look like two: `password`, `network`.
fn is_word(word: &str) -> bool {
    static WHOLE: LazyLock<HashSet<String>> = LazyLock::new(|| {
        "password network website software hardware airline airlines airport freeway highway railway subway driveway gateway \
            weekday weekdays weekend payment homework birthday birthdate birthplace deadline timeline headline baseline \
            download upload keyboard dashboard passport workshop bookstore drugstore household husband understand platform \
            seafood software notebook textbook facebook football baseball basketball volleyball handball softball \
            mainland england finland ireland iceland holland island outside inside online offline outcome income intake \
            input output increase inches insect insulin infection instance insurance internet interest investment industry \
            inflation information inspection institution overall overview overtime parttime fulltime sometimes lifetime \
            halftime bedtime daytime nighttime runtime realtime bodyweight birthweight timestamp zipcode postcode \
            barcode encode decode postal airplane aircraft wavelength warehouse lighthouse greenhouse farmhouse townhouse \
            penthouse carpet target forest person season reason poison prison lesson carbon carton cotton button \
            nonfiction nonsense perform performance period permit permission percentage percentile perimeter perfect \
            forecast format formula forward fortune portfolio important export import report support airport transport \
            sportsman salesman chairman woman human german roman manager management manual manufacturer \
            office officer official often another together capital hospital total vocational national rational \
            international notation rotation station nation donation duration education location vacation \
            breakfast breakdown countdown shutdown pushups pickup pickups dropoff takeoff payoff playoff playoffs \
            scoreboard leaderboard storefront waterfront lakefront beachfront newborn stillborn hispanic isolation \
            history island issue isbn hashtag hasty noise north notes noun november november nobel \
            landform landforms worldwide nationwide assassination assist assistance headcount discount account viscount account feedback paycheck"
            .split_ascii_whitespace()
            .map(stem)
            .collect()
    });
    let stemmed = stem(word);
    WHOLE.contains(&stemmed) || lexicon::keyword(word, &stemmed).is_some()
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn names_grown_together_are_taken_apart() {
        let of = |word: &str| apart(word).map(|w| w.join(" ")).unwrap_or_default();
        let cases = [
            ("poptotal", "pop total"),
            ("popdensity", "pop density"),
            ("percbelowpoverty", "percent below poverty"),
            ("percchildbelowpovert", "percent child below poverty"),
            ("percollege", "percent college"),
            ("inmetro", "in metro"),
            ("totalsales", "total sales"),
            ("unitprice", "unit price"),
            ("starttime", "start time"),
            ("billingcountry", "billing country"),
            ("invoicedate", "invoice date"),
            ("weekday", ""),
            ("insurance", ""),
            ("temperature", ""),
            ("passenger", ""),
            ("carat", ""),
        ];
        for (word, expected) in cases {
            assert_eq!(of(word), expected, "{word}");
        }
    }
}
