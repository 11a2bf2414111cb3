//! From a prompt and the profiles of the data to charts, without a model.
//!
//! `words` splits the prompt, `wording` says its turns of phrase otherwise, `matching` finds the columns, values and
//! keywords in it, `conditions` and `period` turn runs of them into filters, `reading` makes one [`intent::Intent`] a
//! card, `thesaurus` knows the words for what columns hold, whatever these are called, and `sayings` those for values,
//! `building` decides how each is shown, and `overview` proposes cards where the prompt leaves it open, `why` those
//! that show what a change is made of, and `lookups` tells which tables belong together. `refining` takes a card back to
//! its intent, applies a sentence to it and builds it again. `figures` computes what a card says from its rows.
//!
//! Everything here is a pure function of its arguments. What the data cannot answer is never drawn: the plan asks back
//! or warns instead.

#![allow(rustdoc::private_intra_doc_links, reason = "the documentation is read with its private parts")]

mod absent;
mod adding;
mod amounts;
mod another;
#[cfg(test)]
mod anything;
mod asides;
mod asked;
mod averaged;
mod axes;
mod bands;
mod bounds;
mod building;
mod calendar;
mod changes;
mod channels;
mod clearing;
mod closing;
mod codes;
mod columns;
mod commands;
mod comparing;
mod compounds;
mod conditions;
mod contrasts;
mod converting;
mod counting;
mod countries;
mod defined;
mod degrees;
mod details;
mod drawn;
mod earlier;
mod ellipses;
mod ends;
mod fields;
mod figures;
mod firsts;
mod fiscal;
mod fragments;
mod grown;
mod guessed;
mod heads;
mod hinted;
mod intent;
mod joining;
mod journeys;
mod kinds;
mod known;
mod leading;
mod leftover;
mod lexicon;
mod likeness;
mod limiting;
mod listing;
mod lists;
mod looks;
mod lookups;
mod matching;
mod measures;
mod mentioning;
mod merging;
mod named_limits;
mod naming;
mod narrowing;
mod nouns;
mod numbered;
mod numbering;
mod numerals;
mod occasions;
mod opposing;
mod opposites;
mod ordering;
mod outdone;
mod overview;
mod parted;
mod parts;
mod patching;
mod period;
mod phrases;
mod phrasing;
mod places;
mod planning;
mod possessing;
mod prefixes;
mod products;
mod purposes;
mod query;
mod ranking;
mod ratios;
mod reading;
mod readings;
mod redrawing;
mod refining;
mod related;
mod relating;
mod relative;
mod renaming;
mod requests;
mod restating;
mod restoring;
mod roles;
mod rowwise;
#[cfg(test)]
mod samples;
mod sayings;
mod scales;
mod segments;
mod sentences;
mod shown;
mod sides;
mod sidewise;
mod singles;
mod slips;
mod smoothed;
mod spans;
mod spelled;
mod spoken;
mod spread;
mod sql;
mod standing;
mod stepwise;
mod stretches;
mod subperiods;
mod supposed;
mod synonyms;
mod tallies;
mod targets;
mod telling;
#[cfg(test)]
mod tests;
mod text;
mod thesaurus;
mod thresholds;
mod time;
mod titles;
mod told;
mod tolerance;
mod topics;
mod turned;
mod typed;
mod units;
mod unwanted;
mod valued;
mod values;
mod vocabulary;
mod whens;
mod wholes;
mod why;
mod winners;
mod wording;
mod words;
mod years;

use serde::{Deserialize, Serialize};
use vizroom_protocol::dashboard::{CardKind, Clarification, Encoding, Theme};

pub use figures::{insight, kpi};
pub use planning::plan;
pub use query::{
    Agg, Course, Cut, Dimension, First, Having, Join, Keep, Measure, Op, Predicate, Product, Query, Rows, Sort, Source,
    Spelling, Step, Taken,
};
pub use sides::Sides;
pub use slips::refine;
pub use turned::{Turned, Yearly};

/// What to show for a prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub title: String,
    /// One sentence: what is shown, of which data.
    pub description: String,
    /// In the order asked; empty with a clarification.
    pub goals: Vec<Goal>,
    /// Parts of the prompt that nothing was made of, and why.
    pub warnings: Vec<String>,
    pub clarification: Option<Clarification>,
}

/// One card: what it asks of the data and how the answer is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    pub kind: CardKind,
    pub title: String,
    /// What is computed, over which rows, and what was left out.
    pub description: String,
    pub query: Query,
    /// The result columns by role. By kind: bar, line, area: `x`, `y` (several measures share the axis), `series`.
    /// pie, donut: `x` names the parts, `y` sizes them. kpi: the first `y` is the figure; a second and third are the
    /// newest period's and the one before it. scatter: `x`, `y`, `series` colours. histogram: `x` begins a bin, `y`
    /// counts. heatmap: `x`, `series` (the other axis), `y` colours. boxplot: `x`, then `y` is minimum, lower quartile,
    /// median, upper quartile, maximum. table: `x` and `series` lead, `y` follow. insight: as the chart it speaks of.
    pub encoding: Encoding,
}

/// A card of a dashboard that is being refined.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// `chart_1` …
    pub key: &'a str,
    pub goal: &'a Goal,
}

/// What a sentence changes.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Refinement {
    /// Empty with a clarification.
    pub changes: Vec<Change>,
    pub clarification: Option<Clarification>,
}

/// One change; `said` tells a person what was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// The card has a new goal.
    Replace { key: String, goal: Goal, said: String },
    /// A new card at the end.
    Add { goal: Goal, said: String },
    /// The card goes.
    Remove { key: String, said: String },
    /// The card is called otherwise.
    Retitle { key: String, title: String, said: String },
    /// The dashboard is called otherwise.
    DashboardTitle { title: String, said: String },
    /// Other colours.
    Theme { theme: Theme, said: String },
}
