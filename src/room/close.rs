//! Why a connection ends.

/// Why a connection was closed. 4000–4499: reconnect; 4500–4999: do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Close {
    Normal = 1000,
    /// What the client sent met a fault of ours.
    Failed = 1011,
    Draining = 4001,
    NoProgress = 4008,
    NoPong = 4012,
    TooManyCalls = 4029,
    BadToken = 4501,
    BadFrame = 4502,
    Revoked = 4503,
    ConnectionLimit = 4504,
    TooBig = 4509,
    /// Never sent: the connection ended without a word.
    Lost = 1006,
}

impl Close {
    /// Every code.
    pub const ALL: [Self; 12] = [
        Self::Normal,
        Self::Failed,
        Self::Lost,
        Self::Draining,
        Self::NoProgress,
        Self::NoPong,
        Self::TooManyCalls,
        Self::BadToken,
        Self::BadFrame,
        Self::Revoked,
        Self::ConnectionLimit,
        Self::TooBig,
    ];
}
