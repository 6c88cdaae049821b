//! What each thread worked on.

use std::{collections::HashMap, sync::Arc};

use foldhash::quality::RandomState;

use crate::{
    event::{Names, Thread},
    handshake::{Noted, Role},
    span::Span,
};

/// What is known of a thread.
#[derive(Debug, Default, Clone)]
pub(super) struct ThreadState {
    /// Handshakes that it touched, latest last.
    pub(super) touched: Vec<usize>,
    /// Those of them whose connection was not closed when the thread turned to another last.
    pub(super) open: Vec<usize>,
    pub(super) last_role: Option<Role>,
    /// Of a log without messages: the types of key that its client looked for in vain, asked by a server.
    pub(super) wanted_of_client: Option<Noted<Names>>,
    /// There, too: no signature scheme was found for a key of its own.
    pub(super) no_scheme: Option<Span>,
    /// It serves several handshakes at once.
    pub(super) interleaves: bool,
    /// `Unable to indicate server name` stands before the ClientHello it speaks of.
    pub(super) server_name_not_indicated: Option<Span>,
}

/// All threads; one of them is that of the event at hand.
#[derive(Debug, Default, Clone)]
pub(super) struct Threads {
    numbers: HashMap<Arc<Thread>, usize, RandomState>,
    states: Vec<ThreadState>,
    /// The latest thread of each name.
    by_name: HashMap<Box<str>, Arc<Thread>, RandomState>,
    /// Numbers of threads met lately, found without a hash of their names: readers share one
    /// [`Thread`] among the events of a thread.
    lately: [Option<(Arc<Thread>, usize)>; 16],
    /// The thread of the event at hand.
    now: usize,
}

impl Threads {
    /// The event at hand is of this thread.
    pub(super) fn enter(&mut self, thread: &Arc<Thread>) {
        let slot = Arc::as_ptr(thread).addr() / 16 % self.lately.len();
        if let Some((known, number)) = &self.lately[slot]
            && Arc::ptr_eq(known, thread)
        {
            self.now = *number;
            return;
        }
        let (states, by_name) = (&mut self.states, &mut self.by_name);
        self.now = *self.numbers.entry(Arc::clone(thread)).or_insert_with(|| {
            states.push(ThreadState::default());
            by_name.insert(thread.name.clone(), Arc::clone(thread));
            states.len() - 1
        });
        self.lately[slot] = Some((Arc::clone(thread), self.now));
    }

    /// The thread that is meant by one of which only the name is known: the latest of that name, if there is one.
    pub(super) fn meant_by(&self, named: &Thread) -> Option<Arc<Thread>> {
        let known = self.by_name.get(&*named.name)?;
        (known.stream == named.stream).then(|| Arc::clone(known))
    }

    /// The thread of the event at hand; `None` before the first event.
    pub(super) fn now(&self) -> Option<&ThreadState> {
        self.states.get(self.now)
    }

    /// See [`Self::now`].
    pub(super) fn now_mut(&mut self) -> Option<&mut ThreadState> {
        self.states.get_mut(self.now)
    }
}
