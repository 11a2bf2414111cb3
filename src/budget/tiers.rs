//! Which tier a tenant has: what the store said last, so that no call waits for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use vizroom_protocol::id::TenantId;

use crate::limits::Tier;

/// See the module.
#[derive(Debug)]
pub struct Tiers {
    named: BTreeMap<String, Tier>,
    default: Tier,
    anonymous: Tier,
    viewers: Tier,
    /// Those that have another than the default. Held for a few instructions.
    of: RwLock<HashMap<TenantId, Tier>>,
}

/// The tier of requests without a credential, counted for each address.
pub const ANONYMOUS: &str = "anonymous";
/// The tier of those who look at a published dashboard, counted for each link.
pub const VIEWERS: &str = "viewers";

impl Tiers {
    /// The configured ones.
    ///
    /// # Errors
    /// If `default`, [`ANONYMOUS`] or [`VIEWERS`] is not among them.
    pub fn new(named: BTreeMap<String, Tier>, default: &str) -> Result<Self, String> {
        let tier = |name: &str| named.get(name).copied().ok_or_else(|| format!("there is no tier `{name}`"));
        let (default, anonymous, viewers) = (tier(default)?, tier(ANONYMOUS)?, tier(VIEWERS)?);
        Ok(Self { named, default, anonymous, viewers, of: RwLock::default() })
    }

    /// A tenant's.
    pub fn of(&self, tenant: TenantId) -> Tier {
        let of = self.of.read().unwrap_or_else(PoisonError::into_inner);
        of.get(&tenant).copied().unwrap_or(self.default)
    }

    /// That of whoever has no credential.
    pub fn anonymous(&self) -> Tier {
        self.anonymous
    }

    /// That of a public link.
    pub fn viewers(&self) -> Tier {
        self.viewers
    }

    /// Takes over what the store says. A tier that the configuration no longer has is the default one.
    pub fn replace(&self, stored: Vec<(TenantId, String)>) {
        let known = stored.into_iter().filter_map(|(tenant, name)| Some((tenant, *self.named.get(&name)?)));
        *self.of.write().unwrap_or_else(PoisonError::into_inner) = known.collect();
    }
}
