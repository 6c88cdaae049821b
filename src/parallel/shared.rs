//! Work on several threads, of which one takes the results in the order of the work and does some of it
//! meanwhile: as many threads as there are cores, and none of them waits while there is work.
//!
//! For work that is all there. Where it has to be waited for, results would wait with it: see [`super::in_order`].

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{Builder, Scope},
};

/// Results of each thread that wait to be taken, at most: the fast do not run away.
const AHEAD: usize = 4;

/// Does `work` on every item, on this thread and `threads - 1` others that `worker` makes the closures for; the results
/// come in the order of the items.
pub(crate) fn shared<'scope, I, O, W>(
    scope: &'scope Scope<'scope, '_>,
    threads: usize,
    items: I,
    worker: impl Fn() -> W,
) -> Shared<I, O, W>
where
    I: Iterator<Item: Send> + Send + 'scope,
    O: Send + 'scope,
    W: FnMut(I::Item) -> O + Send + 'scope,
{
    let table = Arc::new(Table {
        state: Mutex::new(State {
            items,
            results: VecDeque::new(),
            given: 0,
            over: false,
        }),
        ahead: threads.max(1) * AHEAD,
        changed: Condvar::new(),
    });
    for _ in 1..threads {
        let (table, mut work) = (Arc::clone(&table), worker());
        let help = move || {
            let _end = EndOnPanic(&table);
            while let Some((number, item)) = table.take() {
                table.put(number, work(item));
            }
        };
        // where there is no other thread to be had, this one does all of it
        if Builder::new().spawn_scoped(scope, help).is_err() {
            break;
        }
    }
    let work = worker();
    Shared { table, work }
}

/// Results in the order of the items they were made from.
pub(crate) struct Shared<I: Iterator, O, W> {
    table: Arc<Table<I, O>>,
    work: W,
}

/// What the threads share.
struct Table<I, O> {
    state: Mutex<State<I, O>>,
    /// Results that wait, at most.
    ahead: usize,
    changed: Condvar,
}

struct State<I, O> {
    items: I,
    /// Those of the items that were taken; `None` while one is worked on.
    results: VecDeque<Option<O>>,
    /// Results that were given away.
    given: usize,
    /// No more items are taken.
    over: bool,
}

/// What there is to do for the thread that takes the results.
enum Next<I, O> {
    Give(O),
    Work(usize, I),
    End,
}

impl<I: Iterator, O> Table<I, O> {
    fn state(&self) -> MutexGuard<'_, State<I, O>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<I, O>>) -> MutexGuard<'s, State<I, O>> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item and its number, when there is room for its result.
    fn take(&self) -> Option<(usize, I::Item)> {
        let mut state = self.state();
        while !state.over && state.results.len() >= self.ahead {
            state = self.wait(state);
        }
        state.take()
    }

    fn put(&self, number: usize, result: O) {
        let mut state = self.state();
        let place = number - state.given;
        if let Some(waiting) = state.results.get_mut(place) {
            *waiting = Some(result);
        }
        if place == 0 {
            self.changed.notify_all();
        }
    }

    /// The next result, or what to do until it is there.
    fn next(&self) -> Next<I::Item, O> {
        let mut state = self.state();
        loop {
            if let Some(result) = state.results.front_mut().and_then(Option::take) {
                state.results.pop_front();
                state.given += 1;
                self.changed.notify_all();
                return Next::Give(result);
            }
            if state.results.len() < self.ahead
                && let Some((number, item)) = state.take()
            {
                return Next::Work(number, item);
            }
            if state.results.is_empty() {
                return Next::End;
            }
            state = self.wait(state);
        }
    }

    /// Ends the work, whatever is left of it.
    fn end(&self) {
        let mut state = self.state();
        state.over = true;
        state.results.clear();
        self.changed.notify_all();
    }
}

impl<I: Iterator, O> State<I, O> {
    fn take(&mut self) -> Option<(usize, I::Item)> {
        if self.over {
            return None;
        }
        let Some(item) = self.items.next() else {
            self.over = true;
            return None;
        };
        let number = self.given + self.results.len();
        self.results.push_back(None);
        Some((number, item))
    }
}

impl<I: Iterator, O, W: FnMut(I::Item) -> O> Iterator for Shared<I, O, W> {
    type Item = O;

    fn next(&mut self) -> Option<O> {
        loop {
            match self.table.next() {
                Next::Give(result) => return Some(result),
                Next::Work(number, item) => self.table.put(number, (self.work)(item)),
                Next::End => return None,
            }
        }
    }
}

/// Nobody takes results any more: nobody waits for room.
impl<I: Iterator, O, W> Drop for Shared<I, O, W> {
    fn drop(&mut self) {
        self.table.end();
    }
}

/// A result that never comes is not waited for.
struct EndOnPanic<'t, I: Iterator, O>(&'t Table<I, O>);

impl<I: Iterator, O> Drop for EndOnPanic<'_, I, O> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for threads in 0..5 {
            let doubled: Vec<u32> = std::thread::scope(|scope| {
                shared(scope, threads, 0..1000_u32, || {
                    |item| {
                        if item % 7 == 0 {
                            std::thread::yield_now();
                        }
                        item * 2
                    }
                })
                .collect()
            });
            assert!(doubled.into_iter().eq((0..1000).map(|item| item * 2)));
        }
    }

    #[test]
    fn whoever_stops_taking_stops_the_work() {
        let first = std::thread::scope(|scope| {
            shared(scope, 3, 0.., || |item: u64| item)
                .take(5)
                .collect::<Vec<_>>()
        });
        assert_eq!(first, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_panic_is_passed_on() {
        let work = || {
            std::thread::scope(|scope| {
                let fails = |item: u32| assert!(item != 40, "as it should");
                shared(scope, 2, 0..1000, || fails).count()
            })
        };
        assert!(std::panic::catch_unwind(work).is_err());
    }
}
