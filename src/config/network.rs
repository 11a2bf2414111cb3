//! A network: an address and how many of its first bits count.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// See the module. Written as `10.0.0.0/8`, or as an address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// This very machine.
    pub fn loopback() -> Vec<Self> {
        let v4 = Self { address: Ipv4Addr::new(127, 0, 0, 0).into(), bits: 8 };
        vec![v4, Self { address: Ipv6Addr::LOCALHOST.into(), bits: 128 }]
    }

    /// Whether an address belongs to it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let (ours, bits_of_ours) = number(self.address);
        let (theirs, bits_of_theirs) = number(address.to_canonical());
        // Shifting by all bits is not shifting.
        let same = (ours ^ theirs).checked_shr(bits_of_ours - self.bits).unwrap_or(0) == 0;
        bits_of_ours == bits_of_theirs && same
    }
}

fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u32::from(v4).into(), 32),
        IpAddr::V6(v6) => (v6.into(), 128),
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network: 10.0.0.0/8 would be one");
        let (address, bits) = text.split_once('/').map_or((text.as_str(), None), |(a, bits)| (a, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = number(address).1;
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        (bits <= most).then_some(Self { address, bits }).ok_or_else(wrong)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        format!("{}/{}", network.address, network.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_begins_alike() {
        let holds =
            |net: &str, address: &str| Network::try_from(net.to_owned()).unwrap().holds(address.parse().unwrap());
        assert!(holds("10.0.0.0/8", "10.255.1.2") && !holds("10.0.0.0/8", "11.0.0.0"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.1.1"), "the same address in the other's clothes");
        assert!(holds("192.168.1.7", "192.168.1.7") && !holds("192.168.1.7", "192.168.1.6"));
        assert!(holds("0.0.0.0/0", "1.2.3.4") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("::/0", "2001:db9::1"));
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/x", "10.0.0/8"] {
            assert!(Network::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(String::from(Network::loopback()[0]), "127.0.0.0/8");
    }
}
