//! Published dashboards: the links that lead to them, what their viewers see, and how they are kept fresh.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::dashboard::{Card, FilterState, Layout, Status, Theme};
use crate::id::{DashboardId, LinkId};

/// A way to a dashboard for whoever knows it, as editors of the dashboard see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PublicLink")]
pub struct Link {
    pub id: LinkId,
    pub dashboard_id: DashboardId,
    /// What it is for, in the owner's words; viewers do not see it.
    pub name: String,
    /// The dashboard's own link, which `dashboard.publish` makes: it comes back under the same slug.
    pub main: bool,
    pub slug: String,
    pub public_url: String,
    pub has_password: bool,
    /// RFC 3339. From then on it leads nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// What rows must have to be seen through this link. Viewers can neither change it nor see beyond it: a card
    /// that cannot be limited so is withheld.
    pub filter_state: FilterState,
    /// Whether viewers may filter for themselves, by the columns that the cards show.
    pub viewers_filter: bool,
    /// RFC 3339.
    pub created_at: String,
}

/// `dashboard.publish`: opens the dashboard's own link, or changes it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardPublish")]
pub struct Publish {
    pub dashboard_id: DashboardId,
    /// 1–256 characters. Absent: as it is; null: none. A new one ends what viewers have open.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub password: Option<Option<String>>,
    /// RFC 3339, in the future. Absent: as it is; null: never.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub expires_at: Option<Option<String>>,
}

/// `dashboard.add_link`: another link, with a slug, a password and a filter of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddLink {
    pub dashboard_id: DashboardId,
    /// At most 100 characters.
    #[serde(default)]
    pub name: String,
    /// 1–256 characters.
    #[serde(default)]
    pub password: Option<String>,
    /// RFC 3339, in the future.
    #[serde(default)]
    pub expires_at: Option<String>,
    /// See [`Link::filter_state`]. It stays as long as the link does.
    #[serde(default)]
    pub filter_state: FilterState,
    /// True if absent.
    #[serde(default)]
    pub viewers_filter: Option<bool>,
}

/// `dashboard.change_link`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLink {
    pub dashboard_id: DashboardId,
    pub link_id: LinkId,
    #[serde(default)]
    pub name: Option<String>,
    /// Absent: as it is; null: none. A new one ends what viewers have open.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub password: Option<Option<String>>,
    /// Absent: as it is; null: never.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub expires_at: Option<Option<String>>,
    #[serde(default)]
    pub viewers_filter: Option<bool>,
}

/// `dashboard.remove_link`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveLink {
    pub dashboard_id: DashboardId,
    pub link_id: LinkId,
}

/// Reply to `dashboard.links`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PublicLinks")]
pub struct Links {
    /// Those that lead somewhere, the dashboard's own first, then oldest first.
    pub links: Vec<Link>,
}

/// `view.open`: follows a link. Needs no account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ViewOpen")]
pub struct Open {
    pub slug: String,
    #[serde(default)]
    pub password: Option<String>,
}

/// Reply to `view.open`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ViewOpened")]
pub struct Opened {
    /// A viewer token: good for `view.follow` and `view.filter` on this one link, and nothing else.
    pub token: String,
    /// Until the token expires, in seconds; opening the link again gives another.
    pub expires_in: u64,
    pub dashboard: Shown,
}

/// A dashboard as viewers of one link see it: no query, no file, no person. To who follows it by `dashboard.follow`: as its
/// room has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shown {
    pub id: DashboardId,
    pub title: String,
    pub description: String,
    pub theme: Theme,
    pub status: Status,
    pub revision: u64,
    /// In reading order.
    pub cards: Vec<Card>,
    pub layout: Layout,
    /// The viewer's own filter: what the dashboard's room has drilled down to is the room's own. After `dashboard.follow` it
    /// is the room's.
    pub filter_state: FilterState,
    /// Columns that a viewer may filter by; empty if the link does not let viewers filter.
    pub filter_columns: Vec<String>,
    /// When its data was last queried again; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshed_at: Option<String>,
    /// RFC 3339.
    pub updated_at: String,
}

/// Event `dashboard.hidden`, to one connection: it follows that dashboard no more, because it was deleted, or may not be seen
/// any longer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardHidden")]
pub struct Hidden {
    pub dashboard_id: DashboardId,
}

/// `view.filter`: the dashboard under a filter of the viewer's own, which nobody else sees.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewFilter {
    /// Combined with what is in force already: rows must meet both.
    pub filter_state: FilterState,
}

/// Event `dashboard.published`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardPublished")]
pub struct Published {
    pub dashboard_id: DashboardId,
    pub slug: String,
    pub public_url: String,
}

/// Event `dashboard.unpublished`: none of its links leads anywhere any more.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardUnpublished")]
pub struct Unpublished {
    pub dashboard_id: DashboardId,
}

/// `dashboard.set_refresh`; what is absent stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DashboardSetRefresh")]
pub struct SetRefresh {
    pub dashboard_id: DashboardId,
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Seconds: 300, 900, 3600 or 86400.
    #[serde(default)]
    pub interval: Option<u32>,
}

/// Reply to `dashboard.refresh`, `dashboard.refresh_settings` and `dashboard.set_refresh`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardRefresh")]
pub struct Refresh {
    pub dashboard_id: DashboardId,
    pub enabled: bool,
    /// Seconds.
    pub interval: u32,
    /// RFC 3339; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_refreshed_at: Option<String>,
    /// When it is due next; RFC 3339. Absent while it is not enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_refresh_at: Option<String>,
    /// Refreshes that failed since the last that did not; each doubles the wait for the next.
    pub failures: u32,
    /// Why the last one failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// Event `dashboard.refreshed`: every card was queried again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardRefreshed")]
pub struct Refreshed {
    pub dashboard_id: DashboardId,
    pub revision: u64,
    /// All cards, whole.
    pub cards: Vec<Card>,
}

/// Event `dashboard.refresh_failed`: the first failure in a row; the following ones are told no more.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DashboardRefreshFailed")]
pub struct RefreshFailed {
    pub dashboard_id: DashboardId,
    pub title: String,
    pub message: String,
    /// RFC 3339; absent if it does not refresh by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_refresh_at: Option<String>,
}

/// Tells `null` from a field that is not there.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}
