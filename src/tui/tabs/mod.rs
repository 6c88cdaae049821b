//! What the tabs of one handshake show.

mod certificates;
mod diagnosis;
mod log;
mod offer;
mod timeline;

pub use self::log::{of_entries, of_lines};
use super::{
    data::{Data, Id},
    doc::Doc,
};

/// A tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// What happened, as a picture of two lanes.
    Timeline,
    /// What is wrong, and what to change.
    Diagnosis,
    /// What was offered, and what was chosen.
    Offer,
    /// The chains.
    Certificates,
    /// The lines of the log.
    Log,
}

impl Tab {
    /// From left to right.
    pub const ALL: [Self; 5] = [
        Self::Timeline,
        Self::Diagnosis,
        Self::Offer,
        Self::Certificates,
        Self::Log,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Timeline => "Timeline",
            Self::Diagnosis => "Diagnosis",
            Self::Offer => "Offer",
            Self::Certificates => "Certificates",
            Self::Log => "Log",
        }
    }

    /// Its place.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0)
    }
}

/// The text of a tab, as it may be shown. The lines of the log come from elsewhere.
pub fn doc(tab: Tab, data: &Data, id: Id, width: usize) -> Doc {
    match tab {
        Tab::Timeline => timeline::doc(data, id, width).shown(data),
        // made of views, from which names were taken out already
        Tab::Diagnosis => diagnosis::doc(&data.view(id), width),
        Tab::Offer => offer::doc(data, id, width).shown(data),
        Tab::Certificates => certificates::doc(data, id, width).shown(data),
        Tab::Log => Doc::default(),
    }
}
