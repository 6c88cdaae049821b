//! The list: which rows there are, in which order, and which of them are folded into one.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

use super::{
    action::Turn,
    data::{Data, Id, cause_of, peer_of},
};
use crate::{
    handshake::{Outcome, Role},
    report::Filter,
    tls::CipherSuite,
};

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// As in the log.
    Log,
    /// When it began.
    Time,
    /// Client or server.
    Role,
    /// The other end.
    Peer,
    /// Protocol version.
    Version,
    /// Cipher suite.
    Suite,
    /// How long it took.
    Duration,
    /// The messages.
    History,
    /// What became of it.
    Outcome,
    /// Why it failed.
    Cause,
}

impl Column {
    const ALL: [Self; 10] = [
        Self::Log,
        Self::Time,
        Self::Role,
        Self::Peer,
        Self::Version,
        Self::Suite,
        Self::Duration,
        Self::History,
        Self::Outcome,
        Self::Cause,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log order",
            Self::Time => "time",
            Self::Role => "role",
            Self::Peer => "peer",
            Self::Version => "version",
            Self::Suite => "cipher suite",
            Self::Duration => "duration",
            Self::History => "history",
            Self::Outcome => "outcome",
            Self::Cause => "cause",
        }
    }

    fn next(self) -> Self {
        let at = Self::ALL.iter().position(|column| *column == self);
        Self::ALL[at.map_or(0, |at| (at + 1) % Self::ALL.len())]
    }

    fn compare(self, data: &Data, a: Id, b: Id) -> Ordering {
        let (x, y) = (data.handshake(a), data.handshake(b));
        let time = |id| data.handshake(id).started_at().map(|at| at.millis);
        let suite = |id: Id| {
            data.handshake(id)
                .cipher_suite
                .as_ref()
                .map(CipherSuite::name)
        };
        let role = |id: Id| data.handshake(id).role.map(Role::name);
        let rank = |outcome| match outcome {
            Outcome::Failed => 0,
            Outcome::Unfinished => 1,
            Outcome::Established => 2,
        };
        match self {
            Self::Log => Ordering::Equal,
            Self::Time => time(a).cmp(&time(b)),
            Self::Role => role(a).cmp(&role(b)),
            Self::Peer => peer_of(x).cmp(peer_of(y)),
            Self::Version => x.version.cmp(&y.version),
            Self::Suite => suite(a).cmp(&suite(b)),
            Self::Duration => x.duration_ms().cmp(&y.duration_ms()),
            Self::History => x.history().cmp(&y.history()),
            Self::Outcome => rank(x.outcome).cmp(&rank(y.outcome)),
            Self::Cause => {
                let cause = |id: Id| cause_of(data.handshake(id), data.findings(id));
                // those without one stand behind the others
                let key = |id| (cause(id).is_none(), cause(id));
                key(a).cmp(&key(b))
            }
        }
    }
}

/// What makes rows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// Failures of one cause with one peer, when there are many of them.
    Equal,
    /// Each handshake has its row.
    None,
    /// Under its cause.
    Cause,
    /// Under its peer.
    Peer,
}

impl Grouping {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal failures folded",
            Self::None => "one row each",
            Self::Cause => "by cause",
            Self::Peer => "by peer",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Equal => Self::None,
            Self::None => Self::Cause,
            Self::Cause => Self::Peer,
            Self::Peer => Self::Equal,
        }
    }
}

/// So many equal failures are shown one by one.
const FEW: usize = 3;

/// What a group has in common: its cause, its peer, the role of this end.
type Key = (Option<&'static str>, Option<String>, Option<Role>);

/// Several handshakes in one row.
#[derive(Debug)]
pub struct Group {
    key: Key,
    /// In order.
    pub members: Vec<Id>,
    /// How many of them failed.
    pub failed: usize,
    /// Its members are shown below it.
    pub open: bool,
}

impl Group {
    /// What it is a group of.
    pub fn name(&self) -> &str {
        match &self.key {
            (Some(cause), None, _) => cause,
            (None, Some(peer), _) if peer.is_empty() => "(no peer named)",
            (_, Some(peer), _) => peer,
            (None, None, _) => "established",
        }
    }
}

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A handshake; under an open group or not.
    One(Id, bool),
    /// A group, by its number.
    Group(usize),
}

/// The rows, and where the cursor is.
#[derive(Debug)]
pub struct List {
    items: Vec<Item>,
    groups: Vec<Group>,
    open: HashSet<Key>,
    /// The row that the cursor is on.
    pub cursor: usize,
    /// The first row shown.
    pub first: usize,
    /// Sorted by.
    pub sort: Column,
    /// The other way round.
    pub reverse: bool,
    /// Grouped by.
    pub grouping: Grouping,
    /// What is wanted.
    pub filter: Filter,
    /// The filter is in force.
    pub filter_on: bool,
    /// Only what did not come to be.
    pub failures_only: bool,
    /// Handshakes that are wanted.
    pub wanted: usize,
}

impl Default for List {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            groups: Vec::new(),
            open: HashSet::new(),
            cursor: 0,
            first: 0,
            sort: Column::Log,
            reverse: false,
            grouping: Grouping::Equal,
            filter: Filter::default(),
            filter_on: true,
            failures_only: false,
            wanted: 0,
        }
    }
}

/// Which of some places, in order, comes next; from the other end if need be.
pub(super) fn next_of(places: &[usize], now: usize, turn: Turn) -> Option<usize> {
    let last = places.len().checked_sub(1)?;
    Some(match turn {
        Turn::Next => {
            let next = places.partition_point(|&place| place <= now);
            if next > last { 0 } else { next }
        }
        Turn::Previous => {
            let behind = places.partition_point(|&place| place < now);
            behind.checked_sub(1).unwrap_or(last)
        }
    })
}

impl List {
    /// The rows.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// A group.
    pub fn group(&self, number: usize) -> &Group {
        &self.groups[number]
    }

    /// The handshake under the cursor; of a group, its first.
    pub fn selected(&self) -> Option<Id> {
        match *self.items.get(self.cursor)? {
            Item::One(id, _) => Some(id),
            Item::Group(number) => self.groups[number].members.first().copied(),
        }
    }

    /// All handshakes that are to be shown, in the order of the list, folded or not.
    pub fn wanted_ids(&self, data: &Data) -> Vec<Id> {
        let all = self.filter.is_empty() || !self.filter_on;
        let report = data.report();
        let is_wanted = |id: &Id| {
            let handshake = report.brief(id.input, id.position);
            (!self.failures_only || handshake.outcome() != Outcome::Established)
                && (all || self.filter.matches(handshake))
        };
        let mut ids: Vec<Id> = data.ids().filter(is_wanted).collect();
        if self.sort != Column::Log {
            ids.sort_by(|&a, &b| self.sort.compare(data, a, b));
        }
        if self.reverse {
            ids.reverse();
        }
        ids
    }

    /// Makes the rows anew; the cursor stays on its handshake.
    pub fn refresh(&mut self, data: &Data) {
        let at = self.items.get(self.cursor).copied();
        let selected = self.selected();
        let was_group = matches!(at, Some(Item::Group(_)));
        let ids = self.wanted_ids(data);
        self.wanted = ids.len();
        self.fold(data, ids);
        if let Some(selected) = selected {
            self.go_to(selected, was_group);
        }
        self.cursor = self.cursor.min(self.items.len().saturating_sub(1));
    }

    fn fold(&mut self, data: &Data, ids: Vec<Id>) {
        (self.items, self.groups) = (Vec::new(), Vec::new());
        if self.grouping == Grouping::None {
            self.items = ids.into_iter().map(|id| Item::One(id, false)).collect();
            return;
        }
        let mut places: HashMap<Key, usize> = HashMap::new();
        // in the order of their first members; what is in no group stands alone
        let mut order: Vec<Result<usize, Id>> = Vec::new();
        for id in ids {
            let Some(key) = self.key_of(data, id) else {
                order.push(Err(id));
                continue;
            };
            let group = *places.entry(key.clone()).or_insert_with(|| {
                order.push(Ok(self.groups.len()));
                self.groups.push(Group {
                    open: self.open.contains(&key),
                    key,
                    members: Vec::new(),
                    failed: 0,
                });
                self.groups.len() - 1
            });
            self.groups[group].members.push(id);
            let failed = data.handshake(id).outcome == Outcome::Failed;
            self.groups[group].failed += usize::from(failed);
        }
        if self.grouping == Grouping::Equal {
            self.unfold_the_few(&mut order);
        } else if self.sort == Column::Log {
            let groups = &self.groups;
            let weight = |at: &Result<usize, Id>| {
                at.map_or((0, 0), |at| (groups[at].failed, groups[at].members.len()))
            };
            order.sort_by_key(|at| std::cmp::Reverse(weight(at)));
        }
        for at in order {
            match at {
                Err(id) => self.items.push(Item::One(id, false)),
                Ok(number) => {
                    self.items.push(Item::Group(number));
                    let group = &self.groups[number];
                    if group.open {
                        let members = group.members.iter();
                        self.items.extend(members.map(|&id| Item::One(id, true)));
                    }
                }
            }
        }
    }

    /// A group of a few is none: its members stand where they belong in the order.
    fn unfold_the_few(&self, order: &mut Vec<Result<usize, Id>>) {
        let few = |at: &Result<usize, Id>| at.is_ok_and(|at| self.groups[at].members.len() <= FEW);
        if !order.iter().any(few) {
            return;
        }
        let place = |id: Id| -> (usize, usize) { (id.input, id.position) };
        let mut all: Vec<Result<usize, Id>> = Vec::with_capacity(order.len());
        for at in order.drain(..) {
            match at {
                Ok(number) if self.groups[number].members.len() <= FEW => {
                    all.extend(self.groups[number].members.iter().map(|&id| Err(id)));
                }
                other => all.push(other),
            }
        }
        if self.sort == Column::Log {
            let first = |at: &Result<usize, Id>| match at {
                Err(id) => place(*id),
                Ok(number) => self.groups[*number]
                    .members
                    .first()
                    .map_or((0, 0), |&id| place(id)),
            };
            all.sort_by_key(first);
            if self.reverse {
                all.reverse();
            }
        }
        *order = all;
    }

    fn key_of(&self, data: &Data, id: Id) -> Option<Key> {
        let handshake = data.handshake(id);
        let cause = cause_of(handshake, data.findings(id));
        match self.grouping {
            Grouping::None => None,
            Grouping::Equal => {
                cause?;
                Some((cause, Some(peer_of(handshake).to_owned()), handshake.role))
            }
            Grouping::Cause => Some((cause, None, None)),
            Grouping::Peer => Some((None, Some(peer_of(handshake).to_owned()), None)),
        }
    }

    /// Opens or closes the group under the cursor; `false` when there is none.
    pub fn toggle(&mut self, data: &Data) -> bool {
        let Some(&Item::Group(number)) = self.items.get(self.cursor) else {
            return false;
        };
        let key = self.groups[number].key.clone();
        if !self.open.remove(&key) {
            self.open.insert(key);
        }
        self.refresh(data);
        true
    }

    /// Puts the cursor on a handshake, or on the group that it is folded into.
    pub fn go_to(&mut self, id: Id, group_first: bool) -> bool {
        let is_it = |item: &Item| matches!(item, Item::One(one, _) if *one == id);
        let holds = |item: &Item| match item {
            Item::Group(number) => {
                (group_first || !self.groups[*number].open)
                    && self.groups[*number].members.contains(&id)
            }
            Item::One(..) => false,
        };
        let one = || self.items.iter().position(is_it);
        let group = || self.items.iter().position(holds);
        let found = if group_first {
            group().or_else(one)
        } else {
            one().or_else(group)
        };
        if let Some(found) = found {
            self.cursor = found;
        }
        found.is_some()
    }

    /// The cursor on the first row that failed, if there is one.
    pub fn to_first_failure(&mut self, data: &Data) {
        let failed = |item: &Item| match item {
            Item::One(id, _) => data.handshake(*id).outcome == Outcome::Failed,
            Item::Group(number) => self.groups[*number].failed > 0,
        };
        self.cursor = self.items.iter().position(failed).unwrap_or(0);
    }

    /// The next row that failed, or the one before.
    pub fn failure(&mut self, data: &Data, turn: Turn) -> bool {
        let failed = |item: &Item| match item {
            Item::One(id, _) => data.handshake(*id).outcome == Outcome::Failed,
            Item::Group(number) => self.groups[*number].failed > 0 && !self.groups[*number].open,
        };
        let found = self.step(turn, failed);
        self.put(found)
    }

    /// Goes to the next row that a word stands in, or the one before; from the other end if need be. Says which
    /// of them it is.
    pub fn find(&mut self, data: &Data, word: &str, turn: Turn) -> Option<String> {
        /// Of longer lists it would take too long to count.
        const COUNTED: usize = 20_000;
        let report = data.report();
        let mentions = |id: Id| report.brief(id.input, id.position).mentions(word);
        let holds = |item: &Item| match item {
            Item::One(id, _) => mentions(*id),
            Item::Group(number) => {
                let group = &self.groups[*number];
                !group.open && group.members.iter().any(|&id| mentions(id))
            }
        };
        let missing = || Some(format!("no row mentions `{word}`"));
        if self.items.len() > COUNTED {
            let found = self.step(turn, holds);
            return if self.put(found) { None } else { missing() };
        }
        let rows = self.items.iter().enumerate();
        let matches: Vec<usize> = rows
            .filter(|(_, item)| holds(item))
            .map(|(at, _)| at)
            .collect();
        match next_of(&matches, self.cursor, turn) {
            Some(found) => {
                self.cursor = matches[found];
                Some(format!("match {} of {}", found + 1, matches.len()))
            }
            None => missing(),
        }
    }

    /// The next row for which it holds; from the other end if need be.
    fn step(&self, turn: Turn, is_it: impl Fn(&Item) -> bool) -> Option<usize> {
        let count = self.items.len();
        (1..=count)
            .map(|step| match turn {
                Turn::Next => (self.cursor + step) % count,
                Turn::Previous => (self.cursor + count - step) % count,
            })
            .find(|&at| is_it(&self.items[at]))
    }

    fn put(&mut self, found: Option<usize>) -> bool {
        if let Some(found) = found {
            self.cursor = found;
        }
        found.is_some()
    }

    /// Sorts by the next column.
    pub fn sort_next(&mut self) {
        self.sort = self.sort.next();
    }

    /// Groups by something else.
    pub fn group_next(&mut self) {
        self.grouping = self.grouping.next();
        self.open.clear();
    }
}
