//! Where a request comes from.

use std::net::IpAddr;

use http::HeaderMap;
use vizroom_protocol::Error;

use crate::bus::Bus;
use crate::config::Config;

/// The address that `remote` speaks for, as far as trusted proxies say.
pub fn of(config: &Config, remote: IpAddr, headers: &HeaderMap) -> IpAddr {
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let hops: Vec<IpAddr> = forwarded.flat_map(|v| v.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    let trusted = |address: IpAddr| config.trusted_proxies.iter().any(|net| net.holds(address));
    // Each proxy has added whom it heard: from the nearest on, the first that nobody vouches for.
    let mut address = remote;
    for hop in hops.into_iter().rev() {
        if !trusted(address) {
            break;
        }
        address = hop;
    }
    address.to_canonical()
}

/// What is answered to a wrong credential: that, or that there have been too many from this address.
pub async fn counted(bus: &Bus, wrong: Error, address: Option<IpAddr>) -> Error {
    match bus.admit(None, address).await {
        Ok(_) => wrong,
        Err(standing) => standing.refusal(),
    }
}
