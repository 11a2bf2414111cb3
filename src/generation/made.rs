//! Dashboards made and changed by hand.

use std::collections::HashMap;

use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{
    AddPanel, Arrange, Card, Copy, Create, Created, Dashboard, Database, FilterState, Origin, Paneled, RemovePanel,
    Save, Status, Update, UpdatePanel,
};
use vizroom_protocol::event::DashboardCreated;
use vizroom_protocol::file::Relation;
use vizroom_protocol::frame::Actor;
use vizroom_protocol::id::{CardId, DashboardId, FileId, RoomId};

use super::change::{Done, redraw};
use super::refine::recolour;
use super::{By, Generations, PANELS_MAX, Planned, Recipe, Work, actor, desk, encoded, filter, layout, panel, request};
use crate::auth::Caller;
use crate::room::tell::With;
use crate::store::DashboardRow;

const TITLE_MAX: usize = 200;
/// Dashboards of a conversation that are looked through for its charts.
const CONVERSATION_MAX: usize = 100;
/// Tables of one dashboard.
const TABLES_MAX: usize = 200;

impl Generations {
    /// `dashboard.create`
    ///
    /// # Errors
    /// `INVALID_REQUEST` or `NOT_FOUND` naming the field.
    pub async fn create(&self, caller: &Caller, wanted: Create) -> Result<Dashboard, Error> {
        let title = request::words("title", &wanted.title, 1, TITLE_MAX)?;
        let description = wanted.description.as_deref().unwrap_or_default();
        let description = request::words("description", description, 0, panel::DESCRIPTION_MAX)?;
        request::files(wanted.file_ids.as_deref())?;
        let (tenant_id, files) = (caller.tenant_id, wanted.file_ids.as_deref());
        let connection = self.connection(tenant_id, wanted.connection_name.as_deref(), files).await?;
        let origins = match connection {
            Some(_) => Vec::new(),
            None => self.origins(tenant_id, wanted.room_id, files).await?,
        };
        let made = self.blank(caller, title);
        let theme = wanted.theme.unwrap_or_default();
        let dashboard = Dashboard { room_id: wanted.room_id, description, theme, connection, origins, ..made };
        self.add(caller, dashboard, Recipe { keys: Some(0), ..Recipe::default() }).await
    }

    /// Stores a new dashboard that no run fills, and tells its room.
    async fn add(&self, caller: &Caller, dashboard: Dashboard, recipe: Recipe) -> Result<Dashboard, Error> {
        let row = DashboardRow { dashboard, tenant_id: caller.tenant_id, recipe: encoded(&recipe) };
        self.parts.store.add_dashboard(&row, self.parts.clock.now_ms()).await?;
        let dashboard = row.dashboard;
        if let Some(room_id) = dashboard.room_id {
            let room = self.parts.hub.room(room_id).await?;
            let told = Created { dashboard: dashboard.clone() };
            self.parts.hub.tell::<DashboardCreated>(&room, &actor(caller), &told, With::default()).await?;
        }
        Ok(dashboard)
    }

    /// `dashboard.update`
    ///
    /// # Errors
    /// `INVALID_REQUEST` naming the field, `CONFLICT`.
    pub async fn update(&self, actor: &Actor, wanted: Update) -> Result<Dashboard, Error> {
        let _turn = self.turn(wanted.dashboard_id).await;
        let mut work = self.take_up_at(wanted.dashboard_id, wanted.base_revision).await?;
        let mut done = Done::default();
        if let Some(title) = &wanted.title {
            work.dashboard().title = request::words("title", title, 1, TITLE_MAX)?;
            done.said.push(format!("the dashboard is called “{}”", work.row.dashboard.title));
        }
        if let Some(text) = &wanted.description {
            work.dashboard().description = request::words("description", text, 0, panel::DESCRIPTION_MAX)?;
            done.said.push("the dashboard has a new description".into());
        }
        if let Some(theme) = wanted.theme {
            recolour(&mut work, &mut done, theme);
            done.said.push(format!("the theme is {}", format!("{theme:?}").to_lowercase()));
        }
        if let Some(relations) = wanted.relations {
            self.relate(&mut work, relations).await?;
            done.touched = work.row.dashboard.cards.iter().map(|card| card.key.clone()).collect();
            done.said.push("its tables hang together anew".into());
        }
        if let Some(month) = wanted.fiscal_year_begins {
            self.begin_fiscal_years(&mut work, &mut done, month).await?;
            done.said.push("its fiscal years begin anew".into());
        }
        if done.said.is_empty() {
            return Err(Error::invalid(
                "title",
                "nothing to change: give a title, a description, a theme, relations or fiscal years",
            ));
        }
        self.publish(actor, work, done).await
    }

    /// `dashboard.layout`
    ///
    /// # Errors
    /// `INVALID_REQUEST` naming the item, `CONFLICT`.
    pub async fn arrange(&self, actor: &Actor, wanted: Arrange) -> Result<Dashboard, Error> {
        let _turn = self.turn(wanted.dashboard_id).await;
        let mut work = self.take_up_at(wanted.dashboard_id, wanted.base_revision).await?;
        let mut layout = wanted.layout;
        for item in &mut layout.items {
            if let Some(card) = work.row.dashboard.cards.iter().find(|card| card.id.to_string() == item.key) {
                item.key = card.key.clone();
            }
        }
        let keys: Vec<&str> = work.row.dashboard.cards.iter().map(|card| card.key.as_str()).collect();
        work.row.dashboard.layout = layout::chosen(layout, &keys)?;
        work.by_hand = true;
        self.publish(actor, work, Done::said("the panels were moved")).await
    }

    /// `dashboard.add_panel`
    ///
    /// # Errors
    /// `INVALID_REQUEST` naming the field; `TOO_LARGE` if there is no room for one more; `CONFLICT`; or the query's.
    pub async fn add_panel(&self, actor: &Actor, wanted: AddPanel) -> Result<Paneled, Error> {
        let _turn = self.turn(wanted.dashboard_id).await;
        let mut work = self.take_up_at(wanted.dashboard_id, wanted.base_revision).await?;
        // Files that came later may be read as well; those that are not stay out.
        let before = work.row.dashboard.origins.len();
        self.widen(&mut work.row).await?;
        let desk = self.desk(&work.row).await?;
        let (goal, by) = panel::new(&desk, &wanted.panel).await?;
        let key = work.recipe.add(goal);
        self.draw(actor, work, &desk, (key, by), before, "was added").await
    }

    /// `dashboard.update_panel`
    ///
    /// # Errors
    /// As [`Generations::add_panel`]; `NOT_FOUND` for the panel.
    pub async fn update_panel(&self, actor: &Actor, wanted: UpdatePanel) -> Result<Paneled, Error> {
        let _turn = self.turn(wanted.dashboard_id).await;
        let mut work = self.take_up_at(wanted.dashboard_id, wanted.base_revision).await?;
        let key = work.key(&wanted.panel_id)?;
        let before = work.row.dashboard.origins.len();
        self.widen(&mut work.row).await?;
        let desk = self.desk(&work.row).await?;
        let place = work.recipe.goals.iter().position(|p| p.key == key).ok_or_else(|| Error::not_found("panel"))?;
        let (goal, by) = panel::changed(&desk, &work.recipe.goals[place], &wanted.panel).await?;
        work.recipe.goals[place].goal = goal;
        self.draw(actor, work, &desk, (key, by), before, "was changed").await
    }

    /// Draws one card, and publishes it.
    async fn draw(
        &self,
        actor: &Actor,
        mut work: Work,
        desk: &desk::Desk,
        (key, by): (String, Option<By>),
        tables_before: usize,
        said: &str,
    ) -> Result<Paneled, Error> {
        let planned = work.recipe.goals.iter_mut().find(|p| p.key == key).ok_or_else(|| Error::not_found("panel"))?;
        planned.by = by;
        let planned = planned.clone();
        let mut at = 0;
        work.dashboard().origins.retain(|origin| {
            at += 1;
            at <= tables_before || reads(&planned, &origin.table)
        });
        let mut done = Done::said(format!("“{}” {said}", planned.goal.title));
        done.asked.push(planned);
        work.has_room(&done)?;
        let shown = work.row.dashboard.origins.iter().filter(|o| done.asked.iter().any(|p| reads(p, &o.table)));
        let shown: Vec<FileId> = shown.map(|origin| origin.file_id).collect();
        let versions: Vec<_> = desk.versions().iter().filter(|(file, _)| shown.contains(file)).copied().collect();
        // No rows are no mistake here: it may be filled later.
        redraw(desk, &mut work, &done).await?;
        let dashboard = self.publish(actor, work, done).await?;
        self.parts.store.add_versions(dashboard.id, &versions).await?;
        let panel = dashboard.cards.into_iter().find(|card| card.key == key);
        let panel = panel.ok_or_else(|| Error::not_found("panel"))?;
        Ok(Paneled { panel, revision: dashboard.revision, layout: dashboard.layout })
    }

    /// Adds the tables of files that were not there when the dashboard was made.
    async fn widen(&self, row: &mut DashboardRow) -> Result<(), Error> {
        if row.dashboard.connection.is_some() {
            return Ok(());
        }
        let all = self.origins(row.tenant_id, row.dashboard.room_id, None).await?;
        for origin in all {
            let known = &row.dashboard.origins;
            let same = |o: &&Origin| o.file_id == origin.file_id && o.dataset == origin.dataset;
            if known.len() < TABLES_MAX && !known.iter().any(|o| same(&o)) {
                let table = free_name(&origin.dataset, known);
                row.dashboard.origins.push(Origin { table, ..origin });
            }
        }
        Ok(())
    }

    /// `dashboard.remove_panel`
    ///
    /// # Errors
    /// `NOT_FOUND` for the panel, `CONFLICT`.
    pub async fn remove_panel(&self, actor: &Actor, wanted: RemovePanel) -> Result<Dashboard, Error> {
        let _turn = self.turn(wanted.dashboard_id).await;
        let mut work = self.take_up_at(wanted.dashboard_id, wanted.base_revision).await?;
        let key = work.key(&wanted.panel_id)?;
        let mut done = Done::default();
        work.dashboard().cards.retain(|card| {
            if card.key == key {
                done.said.push(format!("“{}” was removed", card.title));
            }
            card.key != key
        });
        work.recipe.goals.retain(|planned| planned.key != key);
        done.removed.push(key);
        self.publish(actor, work, done).await
    }

    /// `dashboard.clone`: in the same room if the caller may change things there (`stays`), else the caller's own.
    ///
    /// # Errors
    /// `CONFLICT` while it is still generated; `FORBIDDEN` to another tenant's caller who may change nothing in the room.
    pub async fn copy(&self, caller: &Caller, wanted: Copy, stays: bool) -> Result<Dashboard, Error> {
        let work = self.take_up(wanted.dashboard_id).await?;
        if !stays && caller.tenant_id != work.row.tenant_id {
            return Err(Error::forbidden("a copy needs the role editor in the room"));
        }
        let versions = self.parts.store.versions_of(&[wanted.dashboard_id]).await?;
        let old = work.row.dashboard;
        let title = match &wanted.title {
            Some(title) => request::words("title", title, 1, TITLE_MAX)?,
            None => {
                let most = TITLE_MAX - " (Copy)".len();
                format!("{} (Copy)", old.title.chars().take(most).collect::<String>())
            }
        };
        let made = self.blank(caller, title);
        let renewed = |card: Card| Card { id: CardId(uuid::Uuid::now_v7()), ..card };
        let dashboard = Dashboard {
            id: made.id,
            title: made.title,
            room_id: old.room_id.filter(|_| stays),
            revision: made.revision,
            cards: old.cards.into_iter().map(renewed).collect(),
            created_by: made.created_by,
            created_at: made.created_at,
            updated_at: made.updated_at,
            ..old
        };
        let row = DashboardRow { dashboard, tenant_id: work.row.tenant_id, recipe: encoded(&work.recipe) };
        let copied = self.add_row(caller, row).await?;
        self.parts.store.add_versions(copied.id, &versions).await?;
        Ok(copied)
    }

    /// `dashboard.save`
    ///
    /// # Errors
    /// `INVALID_REQUEST` if nothing has been generated in the room.
    pub async fn keep(&self, caller: &Caller, wanted: Save) -> Result<Dashboard, Error> {
        let title = request::words("title", &wanted.title, 1, TITLE_MAX)?;
        let gathered = self.gather(wanted.room_id).await?;
        if gathered.cards.is_empty() {
            return Err(Error::invalid("room_id", "nothing has been generated in this conversation yet"));
        }
        let Gathered { cards, recipe, connection, origins, mut relations, prompts, from, filtered } = gathered;
        relations.sort_unstable();
        relations.dedup();
        let made = self.blank(caller, title);
        let dashboard = Dashboard {
            room_id: Some(wanted.room_id),
            description: prompts.join(" · ").chars().take(panel::DESCRIPTION_MAX).collect(),
            layout: layout::layout(cards.iter().map(|c| (c.key.as_str(), c.kind))),
            cards,
            connection: connection.flatten(),
            origins,
            relations,
            generated_at: Some(made.created_at.clone()),
            ..made
        };
        let row = DashboardRow { dashboard, tenant_id: caller.tenant_id, recipe: encoded(&recipe) };
        let mut work = Work::new(row)?;
        if filtered {
            // What the cards were filtered by stays behind.
            filter::apply(&self.desk(&work.row).await?, &mut work, &FilterState::new()).await?;
        }
        let saved = self.add(caller, work.row.dashboard, recipe).await?;
        self.parts.store.add_versions(saved.id, &self.parts.store.versions_of(&from).await?).await?;
        Ok(saved)
    }

    async fn add_row(&self, caller: &Caller, row: DashboardRow) -> Result<Dashboard, Error> {
        let recipe: Recipe = Work::new(row.clone())?.recipe;
        // What a guest copies within a room stays the tenant's of that room.
        let owner = Caller { tenant_id: row.tenant_id, ..caller.clone() };
        self.add(&owner, row.dashboard, recipe).await
    }

    /// The cards that were generated in a room, of the newest prompt first.
    async fn gather(&self, room_id: RoomId) -> Result<Gathered, Error> {
        let mut all = Gathered { recipe: Recipe { keys: Some(0), ..Recipe::default() }, ..Gathered::default() };
        for summary in self.parts.store.dashboards_of_room(room_id, CONVERSATION_MAX, self.parts.clock.now_ms()).await?
        {
            if all.cards.len() == PANELS_MAX || summary.status == Status::Processing || summary.cards == 0 {
                continue;
            }
            let Some(row) = self.parts.store.dashboard(summary.id).await? else { continue };
            // Saved, copied and made ones are no part of the conversation.
            if row.dashboard.prompt.is_empty() {
                continue;
            }
            all.take(Work::new(row)?);
        }
        Ok(all)
    }
}

/// Cards of several dashboards on their way into one.
#[derive(Default)]
struct Gathered {
    cards: Vec<Card>,
    recipe: Recipe,
    /// What the first of them reads; cards that read something else do not fit beside its cards.
    connection: Option<Option<Database>>,
    origins: Vec<Origin>,
    relations: Vec<Relation>,
    prompts: Vec<String>,
    /// Some of the cards show what a filter left.
    filtered: bool,
    /// Where the cards are from.
    from: Vec<DashboardId>,
}

impl Gathered {
    fn take(&mut self, work: Work) {
        let Work { row, recipe, .. } = work;
        if *self.connection.get_or_insert_with(|| row.dashboard.connection.clone()) != row.dashboard.connection {
            return;
        }
        let names: HashMap<String, String> =
            row.dashboard.origins.iter().map(|origin| (origin.table.clone(), self.table(origin))).collect();
        let named = |r: &Relation| {
            let (table, to_table) = (names.get(&r.table)?.clone(), names.get(&r.to_table)?.clone());
            Some(Relation { table, to_table, ..r.clone() })
        };
        self.relations.extend(row.dashboard.relations.iter().filter_map(named));
        self.filtered |= !row.dashboard.filter_state.is_empty();
        let before = self.cards.len();
        for card in row.dashboard.cards {
            let Some(planned) = recipe.goals.iter().find(|p| p.key == card.key) else { continue };
            // SQL of somebody's own names its tables itself.
            let renamed = matches!(&planned.by, Some(By::Sql(sql)) if names.iter().any(|(old, new)| old != new && desk::names(sql, old)));
            if renamed || self.cards.len() == PANELS_MAX {
                continue;
            }
            let mut goal = planned.goal.clone();
            if let Some(table) = names.get(&goal.query.dataset) {
                goal.query.dataset = table.clone();
            }
            for join in &mut goal.query.joins {
                if let Some(table) = names.get(&join.dataset) {
                    join.dataset.clone_from(table);
                }
            }
            let sql = if planned.by.is_none() { goal.query.sql() } else { card.sql.clone() };
            let key = self.recipe.add(goal);
            if let Some(last) = self.recipe.goals.last_mut() {
                last.by = planned.by.clone();
            }
            self.cards.push(Card { id: CardId(uuid::Uuid::now_v7()), key, sql, ..card });
        }
        if self.cards.len() > before {
            self.from.push(row.dashboard.id);
            self.prompts.push(row.dashboard.prompt);
        }
    }

    /// The name under which a table is read here.
    fn table(&mut self, origin: &Origin) -> String {
        let same = |o: &&Origin| o.file_id == origin.file_id && o.dataset == origin.dataset;
        if let Some(known) = self.origins.iter().find(same) {
            return known.table.clone();
        }
        let table = free_name(&origin.dataset, &self.origins);
        self.origins.push(Origin { table: table.clone(), ..origin.clone() });
        table
    }
}

/// A name for a table that no other has.
fn free_name(dataset: &str, taken: &[Origin]) -> String {
    let mut names = std::iter::once(dataset.to_owned()).chain((2..).map(|n| format!("{dataset}_{n}")));
    names.find(|name| taken.iter().all(|o| o.table != *name)).unwrap_or_default()
}

/// Whether a card reads a table.
fn reads(planned: &Planned, table: &str) -> bool {
    match &planned.by {
        Some(By::Text(_)) => false,
        Some(By::Sql(sql)) => desk::names(sql, table),
        None => planned.goal.query.tables().any(|name| name == table),
    }
}

impl Work {
    /// The key of a panel, by which or by whose id it is named.
    pub(super) fn key(&self, panel_id: &str) -> Result<String, Error> {
        let named = |card: &&Card| card.key == panel_id || card.id.to_string() == panel_id;
        let card = self.row.dashboard.cards.iter().find(named);
        card.map(|card| card.key.clone())
            .ok_or_else(|| Error { field: Some("panel_id".into()), ..Error::not_found("panel") })
    }
}
