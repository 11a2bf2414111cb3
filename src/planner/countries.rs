//! Countries by their codes: `Kenya` where the data has `KEN`, `Japanese` where it has `JP`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::fields::{Data, Field};
use super::hinted::{spanning, taken};
use super::matching::{Item, Meaning};
use super::supposed::Candidate;
use super::words::Token;

/// Names and people of countries with their codes of two and of three letters; `-` where there is none, which no column of codes holds.
const COUNTRIES: &str = "AR ARG Argentina Argentine Argentinian,AU AUS Australia Australian,AT AUT Austria Austrian,\
    BE BEL Belgium Belgian,BR BRA Brazil Brazilian,CA CAN Canada Canadian,CH CHE Switzerland Swiss,CL CHL Chile Chilean,\
    CN CHN China Chinese,CO COL Colombia Colombian,CU CUB Cuba Cuban,CZ CZE Czechia Czech,DE DEU Germany German Germans,\
    DE GER Germany German Germans,DK DNK Denmark Danish,DZ DZA Algeria Algerian,EG EGY Egypt Egyptian,\
    ES ESP Spain Spanish,ET ETH Ethiopia Ethiopian,FI FIN Finland Finnish,FR FRA France French,\
    GB GBR Britain British,GB GBR United-Kingdom UK,UK GBR Britain British,GR GRC Greece Greek,HR HRV Croatia Croatian,\
    HU HUN Hungary Hungarian,ID IDN Indonesia Indonesian,IE IRL Ireland Irish,IL ISR Israel Israeli,IN IND India Indian,\
    IR IRN Iran Iranian,IS ISL Iceland Icelandic,IT ITA Italy Italian,JM JAM Jamaica Jamaican,JP JPN Japan Japanese,\
    KE KEN Kenya Kenyan,KR KOR South-Korea Korean Korea,LU LUX Luxembourg,MA MAR Morocco Moroccan,MX MEX Mexico Mexican,\
    MY MYS Malaysia Malaysian,NG NGA Nigeria Nigerian,NL NLD Netherlands Dutch Holland,NL NED Netherlands Dutch Holland,\
    NO NOR Norway Norwegian,NZ NZL New-Zealand,PE PER Peru Peruvian,PH PHL Philippines Philippine Filipino,\
    PK PAK Pakistan Pakistani,PL POL Poland Polish,PT PRT Portugal Portuguese,RO ROU Romania Romanian,RU RUS Russia Russian,\
    SA SAU Saudi-Arabia Saudi,SE SWE Sweden Swedish,SG SGP Singapore,TH THA Thailand Thai,TR TUR Turkey Turkish,\
    TW TWN Taiwan Taiwanese,UA UKR Ukraine Ukrainian,US USA United-States American America Americans,UY URY Uruguay,\
    VE VEN Venezuela Venezuelan,VN VNM Vietnam Vietnamese,ZA ZAF South-Africa South-African,ZA RSA South-Africa South-African,CH SUI Switzerland Swiss,\
    AE ARE United-Arab-Emirates Emirati,AF AFG Afghanistan Afghan,AL ALB Albania Albanian,AM ARM Armenia Armenian,\
    AO AGO Angola Angolan,BD BGD Bangladesh Bangladeshi,BG BGR Bulgaria Bulgarian,BO BOL Bolivia Bolivian,\
    BY BLR Belarus Belarusian,CM CMR Cameroon Cameroonian,CR CRI Costa-Rica Costa-Rican,CY CYP Cyprus Cypriot,\
    DO DOM Dominican-Republic Dominican,EC ECU Ecuador Ecuadorian,EE EST Estonia Estonian,GH GHA Ghana Ghanaian,\
    GT GTM Guatemala Guatemalan,HK HKG Hong-Kong,HN HND Honduras Honduran,HT HTI Haiti Haitian,IQ IRQ Iraq Iraqi,\
    JO JOR Jordan Jordanian,KZ KAZ Kazakhstan Kazakh,LB LBN Lebanon Lebanese,LK LKA Sri-Lanka Sri-Lankan,\
    LT LTU Lithuania Lithuanian,LV LVA Latvia Latvian,MN MNG Mongolia Mongolian,MT MLT Malta Maltese,NP NPL Nepal Nepalese,\
    PA PAN Panama Panamanian,PR PRI Puerto-Rico Puerto-Rican,PY PRY Paraguay Paraguayan,QA QAT Qatar Qatari,\
    RS SRB Serbia Serbian,SI SVN Slovenia Slovenian,SK SVK Slovakia Slovak,SN SEN Senegal Senegalese,SY SYR Syria Syrian,\
    TN TUN Tunisia Tunisian,TZ TZA Tanzania Tanzanian,UG UGA Uganda Ugandan,ZW ZWE Zimbabwe Zimbabwean,\
    - - Scotland Scottish Scots,- - England English,- - Wales Welsh";

/// Fewest letters of a country that is written without a capital.
const NAME_MIN: usize = 4;
/// Most values of a column of codes.
const CODES_MAX: u64 = 300;

/// Every sense of words as a state or a country that the data has by its code.
pub fn candidates(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Vec<Candidate> {
    state(data, tokens, items, at).into_iter().chain(country(data, tokens, items, at)).collect()
}

/// `Texas` for `TX`.
fn state(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let open = |i: &Item| matches!(i.meaning, Meaning::Unknown(_));
    for count in [3, 2, 1] {
        let Some(said) = items.get(at..at + count).filter(|s| s.iter().any(open)) else { continue };
        let text =
            tokens[said[0].from..said[count - 1].to].iter().map(|t| t.lower.as_str()).collect::<Vec<_>>().join(" ");
        let continent = super::places::continent_code(&text);
        let Some(code) = super::places::state_code(&text).or(continent) else { continue };
        let holds = |f: &Field<'_>| {
            (continent.is_none() || f.column.distinct <= 8)
                && f.column.kind == ColumnType::Text
                && f.column.top.iter().any(|v| v.as_str() == Some(code))
        };
        let choices: Vec<(usize, Value)> =
            (0..data.fields.len()).filter(|&i| holds(&data.fields[i])).map(|i| (i, Value::from(code))).collect();
        if !choices.is_empty() {
            let item = spanning(items, at, at + count, Meaning::Value(choices));
            let note = taken(tokens, &item, code);
            return Some(Candidate { from: at, to: at + count, items: vec![item], price: 3, note });
        }
    }
    None
}

/// The country that one or two words which nothing in the data has are, where a column holds its code.
fn country(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    for count in [2, 1] {
        let Some(said) = items.get(at..at + count) else { continue };
        let span = &tokens[said[0].from..said[count - 1].to];
        let open = said.iter().any(|i| matches!(i.meaning, Meaning::Unknown(_)));
        let named = span[0].text.starts_with(char::is_uppercase);
        if !open || span.len() != count || !named && span[0].lower.len() < NAME_MIN {
            continue;
        }
        let text = span.iter().map(|t| t.lower.as_str()).collect::<Vec<_>>().join("-");
        let codes: Vec<&str> = codes(&text).collect();
        let held = |i: usize| {
            let field = &data.fields[i];
            // `us` or `it` in small letters are codes only of what is called by its countries.
            let places = super::roles::has(&field.words, "country nation nationality citizenship");
            let same = |v: &&Value, code: &str| {
                v.as_str().is_some_and(|t| t == code || places && t.eq_ignore_ascii_case(code))
            };
            let is = |code: &&str| field.column.top.iter().find(|v| same(v, code)).filter(|_| coded(field, places));
            codes.iter().find_map(is).map(|value| (i, value.clone()))
        };
        let choices: Vec<(usize, Value)> = (0..data.fields.len()).filter_map(held).collect();
        if let Some((_, code)) = choices.first() {
            let shown = super::text::value(code);
            let item = spanning(items, at, at + count, Meaning::Value(choices));
            let note = taken(tokens, &item, &shown);
            return Some(Candidate { from: at, to: at + count, items: vec![item], price: 3, note });
        }
    }
    None
}

/// The codes of a country by its name or its people.
fn codes(lower: &str) -> impl Iterator<Item = &'static str> {
    let of = |line: &&str| line.split(' ').skip(2).any(|name| name.eq_ignore_ascii_case(lower));
    COUNTRIES.split(',').map(str::trim).filter(of).flat_map(|line| line.split(' ').take(2))
}

/// What a country is called by the name of its people, and otherwise: `Italians` are of `Italy`.
pub fn names(lower: &str) -> impl Iterator<Item = String> {
    static LINES: LazyLock<HashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
        let mut lines: HashMap<String, Vec<&'static str>> = HashMap::new();
        for line in COUNTRIES.split(',').map(str::trim) {
            line.split(' ').skip(2).for_each(|name| lines.entry(name.to_lowercase()).or_default().push(line));
        }
        lines
    });
    let one = lower.strip_suffix('s').filter(|one| !LINES.contains_key(lower) && !one.is_empty());
    let lines = LINES.get(one.unwrap_or(lower)).into_iter().flatten();
    lines.flat_map(|line| line.split(' ').skip(2)).map(|name| name.replace('-', " ").to_lowercase())
}

/// Whether a column holds codes of two or three capitals; of what is called by its countries, of small letters too.
fn coded(field: &Field<'_>, places: bool) -> bool {
    let letter = |c: char| c.is_ascii_uppercase() || places && c.is_ascii_lowercase();
    let capitals = |v: &Value| v.as_str().is_some_and(|t| matches!(t.len(), 2 | 3) && t.chars().all(letter));
    let short = |v: &&Value| v.as_str().is_some_and(|t| t.len() <= 3);
    let column = field.column;
    let codes = column.top.iter().filter(short).all(capitals) && column.top.iter().any(capitals);
    column.kind == ColumnType::Text && column.distinct <= CODES_MAX && codes
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::Dataset;

    use crate::samples::{figure, sql, text};

    #[test]
    fn countries_are_known_by_their_codes() {
        let columns = || vec![text("country", 40, 0, &["KEN", "JPN", "USA"]), figure("pace", 400, 200, 900)];
        for (prompt, code) in [("average pace of Kenyan runs", "'KEN'"), ("number of runs from Japan", "'JPN'")] {
            let query = sql(prompt, "runs", columns());
            assert!(query.contains(code), "{prompt}: {query}");
        }
        for unknown in ["XX", "XXX", "-"] {
            let columns = vec![text("country", 40, 0, &["KEN", "JPN", unknown]), figure("pace", 400, 200, 900)];
            let data = [Dataset { name: "runs".into(), rows: 900, columns }];
            let goals = format!("{:?}", crate::plan("average pace of Scottish runs", &data, None).goals);
            assert!(!goals.contains(&format!("{unknown:?}")), "{goals}");
        }
    }
}
