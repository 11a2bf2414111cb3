//! Maps: which column names places, and where the rows lie.

use vizroom_protocol::dashboard::CardKind;

use super::Goal;
use super::building::with_conditions;
use super::fields::{Data, Role};
use super::intent::{Group, Intent};
use super::rowwise;
use super::text::{self, capital};

/// A map names the places that its figures are of, where the data names any: countries rather than states, for they are
/// seldom both.
pub fn placed(data: &Data<'_>, intent: &mut Intent) {
    if intent.chart != Some(CardKind::Choropleth) || !intent.groups.is_empty() {
        return;
    }
    let named = |word: &str| {
        data.fields.iter().position(|f| {
            matches!(f.role, Role::Category | Role::Label | Role::Id) && f.words.iter().any(|w| w.lower == word)
        })
    };
    match ["country", "nation", "state", "province"].into_iter().find_map(named) {
        Some(field) => intent.groups.push(Group { field: Some(field), grain: None }),
        None if position(data).is_some() => intent.chart = Some(CardKind::Geomap),
        None => {}
    }
}

/// The columns of longitude and latitude.
fn position(data: &Data<'_>) -> Option<(usize, usize)> {
    let of = |word: &str| data.fields.iter().position(|f| f.is_number() && f.words.iter().any(|w| w.lower == word));
    Some((of("longitude").or_else(|| of("long"))?, of("latitude")?))
}

/// Each row where it lies; sized by a figure and coloured by a group, where they are named.
pub fn points(data: &Data<'_>, intent: &Intent) -> Option<Goal> {
    let (x, y) = position(data).filter(|_| intent.chart == Some(CardKind::Geomap))?;
    let size = intent.asks.iter().find_map(|a| a.field.filter(|&f| f != x && f != y && data.fields[f].is_measure()));
    let (query, encoding) = rowwise::points(data, intent, [x, y], size, rowwise::colour(data, intent));
    let noun = text::rows_noun(data);
    let what = if noun == "rows" { "places".to_owned() } else { noun };
    let by = size.map(|f| format!(" by {}", data.fields[f].label)).unwrap_or_default();
    let title = with_conditions(data, format!("Map of {what}{by}"), &intent.filters);
    let description = format!(
        "Each point is one row{}.",
        size.map(|f| format!(", sized by {}", data.fields[f].label)).unwrap_or_default()
    );
    Some(Goal { kind: CardKind::Geomap, title: capital(&title), description, query, encoding })
}

/// The states of the USA by their postal codes.
const STATES: &str = "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,\
    DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,\
    LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,\
    NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,\
    OK Oklahoma,OR Oregon,PA Pennsylvania,PR Puerto Rico,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,\
    TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming";

/// Continents by their usual codes.
const CONTINENTS: &str = "AF Africa,AN Antarctica,AS Asia,EU Europe,NA North America,OC Oceania,SA South America";

/// `EU` for `europe`.
pub fn continent_code(lower: &str) -> Option<&'static str> {
    let continents = CONTINENTS.split(',').filter_map(|s| s.split_once(' '));
    continents.filter(|(_, name)| name.to_lowercase() == lower).map(|(code, _)| code).next()
}

/// `TX` for `texas`.
pub fn state_code(lower: &str) -> Option<&'static str> {
    let states = STATES.split(',').filter_map(|s| s.trim().split_once(' '));
    // `Alaskan`, `Texans`
    let people = |name: &str| {
        let base = name.to_lowercase();
        let base = base.trim_end_matches(['a', 's']);
        base.len() >= 3 && lower.strip_prefix(base).is_some_and(|end| matches!(end, "an" | "ans" | "ian" | "ians"))
    };
    states.filter(|(_, name)| name.eq_ignore_ascii_case(lower) || people(name)).map(|(code, _)| code).next()
}
