//! Every card's query again, because time has passed or its data has changed.

use futures_util::StreamExt;
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::FilterState;
use vizroom_protocol::event::DashboardRefreshed;
use vizroom_protocol::frame::Actor;
use vizroom_protocol::id::DashboardId;
use vizroom_protocol::publish::Refreshed;

use super::desk::Desk;
use super::{Generations, Work, card, viz};

impl Generations {
    /// Queries and draws every card again, and tells the room. Who else listens is to be told by the caller, once it
    /// has noted the time ([`Generations::announce`]).
    ///
    /// # Errors
    /// `CONFLICT` while the dashboard is being generated. If cards failed, what the first of them says: they keep what they
    /// had and say why, and all others are new.
    pub async fn refresh(&self, actor: &Actor, id: DashboardId) -> Result<(), Error> {
        let _turn = self.turn(id).await;
        let mut work = self.take_up(id).await?;
        let desk = self.desk(&work.row).await?;
        let failed = again(&desk, &mut work).await?;
        let keys = work.row.dashboard.cards.iter().map(|card| card.key.clone()).collect();
        self.revise(actor, &mut work, (vec!["refreshed".into()], keys, Vec::new())).await?;
        self.parts.store.show_versions(id, desk.versions()).await?;
        let dashboard = work.row.dashboard;
        let all = dashboard.cards.len();
        if let Some(room_id) = dashboard.room_id {
            let room = self.parts.hub.room(room_id).await?;
            let told = Refreshed { dashboard_id: id, revision: dashboard.revision, cards: dashboard.cards };
            self.parts.hub.tell_latest::<DashboardRefreshed>(&room, actor, &format!("refresh {id}"), false, &told);
        }
        match failed.first() {
            None => Ok(()),
            Some((title, error)) => {
                let message = format!("{} of {all} cards failed, “{title}” first: {}", failed.len(), error.message);
                Err(Error { message, ..error.clone() })
            }
        }
    }
}

/// Gives the titles of the cards that failed, and why.
async fn again(desk: &Desk, work: &mut Work) -> Result<Vec<(String, Error)>, Error> {
    let (theme, filter) = (work.row.dashboard.theme, work.row.dashboard.filter_state.clone());
    let (recipe, unfiltered) = (work.recipe.clone(), FilterState::new());
    let mut cards = work.row.dashboard.cards.clone();
    let asked = recipe.goals.iter().filter(|planned| cards.iter().any(|c| c.key == planned.key)).collect();
    let mut failed = Vec::new();
    let mut answers = std::pin::pin!(desk.all(asked, &unfiltered));
    while let Some((planned, answer)) = answers.next().await {
        let Some(card) = cards.iter_mut().find(|c| c.key == planned.key) else { continue };
        // Drawn from all rows, shown as the drill-down in force leaves them.
        let drawn = answer.map(|answer| (viz::spec(&planned.goal, &answer.table, theme), answer));
        let drawn = match drawn {
            Ok((spec, _)) if !filter.is_empty() => desk.rows(planned, &filter).await.map(|answer| (spec, answer)),
            drawn => drawn,
        };
        match drawn {
            Ok((spec, answer)) => {
                card.spec = spec;
                card::fill(card, planned, answer);
            }
            Err(error) => {
                card.stale = Some(error.clone());
                failed.push((card.title.clone(), error));
            }
        }
    }
    work.dashboard().cards = cards;
    Ok(failed)
}
