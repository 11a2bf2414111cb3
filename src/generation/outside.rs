//! A dashboard for those who see it through a public link: its cards again, under conditions that are not the room's.

use futures_util::{StreamExt, stream};
use vizroom_protocol::dashboard::{Card, FilterState};
use vizroom_protocol::file::Table;
use vizroom_protocol::{Code, Error};

use super::desk::QUERIES_AT_ONCE;
use super::{Generations, Work, card, viz};
use crate::analytics::Conditions;
use crate::store::DashboardRow;

impl Generations {
    /// A dashboard's cards, in their order, under `locked` and under `own` at once; what its room has drilled down to is
    /// the room's own. A card that cannot be limited to `locked`, or whose query fails, holds nothing but an error.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with `filter_state.<column>` for a value of `own` that does not suit its column.
    pub async fn cards_under(
        &self,
        row: DashboardRow,
        locked: &FilterState,
        own: &FilterState,
    ) -> Result<Vec<Card>, Error> {
        if locked.is_empty() && own.is_empty() && row.dashboard.filter_state.is_empty() {
            return Ok(row.dashboard.cards);
        }
        let answers = self.under(row, locked, own).await?;
        let wrong =
            |error: &Error| error.field.as_deref().and_then(column).is_some_and(|column| own.contains_key(column));
        answers
            .into_iter()
            .map(|(card, outcome)| match outcome {
                Ok(()) => Ok(card),
                Err(error) if error.code == Code::InvalidRequest && wrong(&error) => Err(error),
                Err(error) => Ok(withheld(card, &error)),
            })
            .collect()
    }

    /// Whether a filter may be locked: its values suit their columns, and some card can be limited to it.
    ///
    /// # Errors
    /// `INVALID_REQUEST` with `filter_state.<column>`.
    pub async fn check_lock(&self, row: DashboardRow, locked: &FilterState) -> Result<(), Error> {
        if locked.is_empty() || row.dashboard.cards.is_empty() {
            return Ok(());
        }
        let mut why = None;
        for (_, outcome) in self.under(row, locked, &FilterState::new()).await? {
            match outcome {
                Ok(()) => return Ok(()),
                Err(error) if error.field.as_deref().and_then(column).is_some() => why = Some(error),
                Err(_) => {}
            }
        }
        let Some(Error { field, code, message, .. }) = why else { return Ok(()) };
        let missing = code == Code::Forbidden;
        let message = if missing { "no table of this dashboard has that column".to_owned() } else { message };
        Err(Error::invalid(field.unwrap_or_default(), message))
    }

    /// Each card with what became of its query.
    async fn under(
        &self,
        row: DashboardRow,
        locked: &FilterState,
        own: &FilterState,
    ) -> Result<Vec<(Card, Result<(), Error>)>, Error> {
        let Work { row, recipe, .. } = Work::new(row)?;
        let desk = self.desk(&row).await?;
        let dashboard = row.dashboard;
        let conditions = Conditions { filters: vec![own.clone()], locked: locked.clone(), ..Conditions::default() };
        let (desk, goals, conditions) = (&desk, &recipe.goals, &conditions);
        let asked = dashboard.cards.into_iter().map(|mut card| async move {
            let Some(planned) = goals.iter().find(|planned| planned.key == card.key) else {
                // Nobody knows what it is made of.
                let plain = card.spec.is_none() && card.kpi.is_none() && card.data.rows.is_empty();
                let unknown = || Error::forbidden("this card has no query that could be limited");
                return (card, if plain { Ok(()) } else { Err(unknown()) });
            };
            match desk.rows_under(planned, conditions.clone()).await {
                Ok(answer) => {
                    // A drawing says something of all the rows it was made for: their groups, their range.
                    if !conditions.locked.is_empty() {
                        card.spec = viz::spec(&planned.goal, &answer.table, dashboard.theme);
                    }
                    card::fill(&mut card, planned, answer);
                    (card, Ok(()))
                }
                Err(error) => (card, Err(error)),
            }
        });
        Ok(stream::iter(asked).buffered(QUERIES_AT_ONCE).collect().await)
    }
}

/// The column that an error is about, if it is about a filter.
fn column(field: &str) -> Option<&str> {
    field.strip_prefix("filter_state.")
}

/// A card without anything that came from data.
fn withheld(card: Card, why: &Error) -> Card {
    let message = match why.code {
        Code::Forbidden | Code::InvalidRequest => "This card is not part of what this link shows.",
        _ => "This card cannot be shown at the moment.",
    };
    Card {
        description: String::new(),
        data: Table::default(),
        spec: None,
        kpi: None,
        error: Some(Error::new(why.code, message)),
        filters_skipped: Vec::new(),
        notes: Vec::new(),
        ..card
    }
}
