//! Words of the world the data speaks of: short forms, months, places, units.

use vizroom_protocol::dashboard::Theme;

/// Short forms found in column names and what they stand for.
pub const ABBREVIATIONS: &[(&str, &str)] = &[
    ("dep", "departure"),
    ("arr", "arrival"),
    ("dest", "destination"),
    ("orig", "origin"),
    ("sched", "scheduled"),
    ("avg", "average"),
    ("qty", "quantity"),
    ("num", "number"),
    ("no", "number"),
    ("amt", "amount"),
    ("pct", "percent"),
    ("perc", "percent"),
    ("temp", "temperature"),
    ("temps", "temperatures"),
    ("precip", "precipitation"),
    ("max", "maximum"),
    ("min", "minimum"),
    ("pop", "population"),
    ("lat", "latitude"),
    ("lon", "longitude"),
    ("lng", "longitude"),
    ("dept", "department"),
    ("cust", "customer"),
    ("prod", "product"),
    ("cat", "category"),
    ("yr", "year"),
    ("mo", "month"),
    ("mth", "month"),
    ("mnth", "month"),
    ("hr", "hour"),
    ("wk", "week"),
    ("hh", "household"),
    ("ctry", "country"),
    ("comb", "combined"),
    ("dewpt", "dewpoint"),
    ("dob", "birthdate"),
    ("desc", "description"),
    ("humid", "humidity"),
    ("visib", "visibility"),
    ("dewp", "dewpoint"),
    ("expect", "expectancy"),
    ("lbs", "pounds"),
    ("hp", "horsepower"),
    ("dob", "birth"),
    ("rev", "revenue"),
    ("acct", "account"),
    ("dt", "date"),
    ("ts", "timestamp"),
    ("wt", "weight"),
    ("dir", "direction"),
    ("ht", "height"),
    ("hwy", "highway"),
    ("cty", "city"),
    ("cyl", "cylinders"),
    ("displ", "displacement"),
    ("disc", "discount"),
    ("emp", "employee"),
    ("mgr", "manager"),
    ("mfr", "manufacturer"),
    ("sal", "salary"),
    ("perf", "performance"),
    ("freq", "frequency"),
    ("vol", "volume"),
    ("tot", "total"),
    ("dur", "duration"),
    ("dist", "distance"),
    ("elev", "elevation"),
    ("alt", "altitude"),
    ("loc", "location"),
    ("educ", "education"),
    ("exper", "experience"),
    ("txn", "transaction"),
    ("pos", "position"),
    ("yrs", "years"),
    ("hrs", "hours"),
    ("secs", "seconds"),
    ("addr", "address"),
    ("cnt", "count"),
    ("inc", "income"),
    ("med", "median"),
    ("prof", "professional"),
    ("val", "value"),
    ("est", "estimated"),
    ("eq", "equilibrium"),
    ("bldg", "building"),
    ("mkt", "market"),
    ("natl", "national"),
    ("intl", "international"),
    ("govt", "government"),
    ("univ", "university"),
    ("hosp", "hospital"),
    ("mort", "mortality"),
    ("occ", "occupation"),
    ("gdppc", "gdp"),
    ("stn", "station"),
    ("veh", "vehicle"),
    ("calo", "calories"),
    ("cal", "calories"),
    ("prot", "protein"),
    ("carbo", "carbohydrates"),
    ("carb", "carbohydrates"),
    ("carbs", "carbohydrates"),
    ("mfg", "manufacturer"),
    ("mfgr", "manufacturer"),
    ("pts", "points"),
    ("reb", "rebounds"),
    ("ast", "assists"),
    ("stl", "steals"),
    ("blk", "blocks"),
    ("ppg", "points"),
    ("mag", "magnitude"),
    ("liv", "living"),
    ("qual", "quality"),
    ("qc", "quality"),
    ("bsmt", "basement"),
    ("cond", "condition"),
];

/// Phrases for a column that share no word with its name: phrase, then the words of the name it stands for.
pub const PARAPHRASES: &[(&str, &str)] = &[
    ("mpg", "miles per gallon"),
    ("fuel economy", "miles per gallon"),
    ("fuel efficiency", "miles per gallon"),
    ("fuel consumption", "miles per gallon"),
    ("order value", "order value"),
    ("order value", "order amount"),
    ("order value", "order total"),
    ("order value", "amount"),
    ("order value", "total"),
    ("order value", "revenue"),
    ("order value", "sales"),
    ("order size", "order amount"),
    ("gas mileage", "miles per gallon"),
    ("gas mileage", "mpg"),
    ("fuel economy", "mpg"),
    ("fuel efficiency", "mpg"),
    ("fuel consumption", "mpg"),
    ("box office", "worldwide gross"),
    ("life expectancy", "life expect"),
    ("shares traded", "volume"),
    ("trading volume", "volume"),
    ("closing price", "close"),
    ("closing prices", "close"),
    ("close price", "close"),
    ("opening price", "open"),
    ("opening prices", "open"),
    ("stock price", "close"),
    ("share price", "close"),
    ("adjusted closing price", "adj close"),
    ("adjusted close price", "adj close"),
    ("densely populated", "population density"),
    ("densely populated", "density"),
    ("population density", "population density"),
    ("living space", "sqft living"),
    ("floor area", "sqft living"),
    ("capita", "population"),
    ("square feet", "sqft"),
    ("square foot", "sqft"),
    ("square footage", "sqft"),
];

/// Names of months, with their number.
pub fn month_number(lower: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    MONTHS
        .iter()
        .position(|m| {
            *m == lower
                || (lower.len() == 3 && m.starts_with(lower) && lower != "may")
                || lower == "sept" && *m == "september"
        })
        .map(|i| i as u32 + 1)
}

/// Days of the week: Monday is 1.
pub fn weekday_number(lower: &str) -> Option<u32> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    DAYS.iter().position(|d| *d == lower || lower.strip_suffix('s') == Some(d)).map(|i| i as u32 + 1)
}

/// The same for how data writes them: `Fri`, `Thur`.
pub fn weekday_written(lower: &str) -> Option<u32> {
    const SHORT: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let short = || SHORT.iter().position(|d| lower.starts_with(d) && lower.len() <= 5).map(|i| i as u32 + 1);
    weekday_number(lower).or_else(short)
}

/// `first` is 1.
pub fn ordinal(lower: &str) -> Option<u32> {
    const ORDINALS: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
        "twelfth",
    ];
    ORDINALS.iter().position(|o| *o == lower).map(|i| i as u32 + 1)
}

/// Small numbers in words.
pub fn number_word(lower: &str) -> Option<f64> {
    const NUMBERS: [&str; 12] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    const TENS: [(&str, f64); 10] = [
        ("fifteen", 15.0),
        ("eighteen", 18.0),
        ("twenty", 20.0),
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("sixty", 60.0),
        ("eighty", 80.0),
        ("ninety", 90.0),
        ("hundred", 100.0),
    ];
    let tens = || TENS.iter().find(|(word, _)| *word == lower).map(|(_, n)| *n);
    NUMBERS.iter().position(|n| *n == lower).map(|i| (i + 1) as f64).or_else(tens)
}

/// Units that may follow a number in a condition.
pub fn is_unit(lower: &str) -> bool {
    "minute minutes min mins hour hours second seconds mile miles km kilometers dollar dollars euro euros usd percent pounds lbs kg degrees mm cm knots points stars people units m meters metres meter metre ft feet foot inches g grams tons tonnes mph kmh sq bpm"
        .split(' ')
        .any(|w| w == lower)
}

/// Measures of which less is better.
pub fn is_bad(stem: &str) -> bool {
    "delay case cost loss damage death error complaint churn expense failure fault crime accident wait defect return price disease illness infection wound crash bounce churn emission unemployment debt bug late violent violence murder homicide robbery theft fatality mortality casualty injury inflation aqi pollution pollutant concentration"
        .split(' ')
        .any(|w| super::words::stem(w) == stem)
}

/// Colours and moods by theme.
pub fn theme(lower: &str) -> Option<Theme> {
    [
        (Theme::Slate, "slate grey gray default neutral light lighter"),
        (Theme::Ocean, "ocean blue navy sea aqua teal"),
        (Theme::Forest, "forest green nature"),
        (Theme::Sunset, "sunset orange red warm"),
        (Theme::Mono, "mono monochrome black white greyscale grayscale"),
        (Theme::Dark, "dark darker night"),
    ]
    .into_iter()
    .find(|(_, words)| super::lists::has(words, lower))
    .map(|(theme, _)| theme)
}
