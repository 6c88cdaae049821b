//! Work on several threads, results in the order of the work.

use std::{
    io,
    sync::mpsc::{Receiver, sync_channel},
    thread::{Builder, Scope},
};

/// Items that each thread has before it, and results that wait to be taken: the fast do not run away.
const AHEAD: usize = 2;

/// Does `work` on every item, on `threads` threads that `worker` makes the closures for; the results
/// come in the order of the items. The items are made on a thread of their own. Fails where the system gives no
/// thread.
pub(crate) fn in_order<'scope, I, O, W>(
    scope: &'scope Scope<'scope, '_>,
    threads: usize,
    items: impl Iterator<Item = I> + Send + 'scope,
    worker: impl Fn() -> W,
) -> io::Result<InOrder<O>>
where
    I: Send + 'scope,
    O: Send + 'scope,
    W: FnMut(I) -> O + Send + 'scope,
{
    let threads = threads.max(1);
    let (mut jobs, mut results) = (Vec::new(), Vec::new());
    for _ in 0..threads {
        let (job, to_do) = sync_channel(AHEAD);
        let (done, result) = sync_channel(AHEAD);
        let mut work = worker();
        let work_off = move || {
            for item in to_do {
                if done.send(work(item)).is_err() {
                    return;
                }
            }
        };
        Builder::new().spawn_scoped(scope, work_off)?;
        jobs.push(job);
        results.push(result);
    }
    // each thread gets every n-th item, so that the order needs no numbers
    let hand_out = move || {
        for (number, item) in items.enumerate() {
            if jobs[number % threads].send(item).is_err() {
                return;
            }
        }
    };
    Builder::new().spawn_scoped(scope, hand_out)?;
    Ok(InOrder { results, next: 0 })
}

/// Results in the order of the items they were made from.
#[derive(Debug)]
pub(crate) struct InOrder<O> {
    results: Vec<Receiver<O>>,
    next: usize,
}

impl<O> Iterator for InOrder<O> {
    type Item = O;

    fn next(&mut self) -> Option<O> {
        let result = self.results[self.next % self.results.len()].recv().ok()?;
        self.next += 1;
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for threads in 1..5 {
            let doubled: Vec<u32> = std::thread::scope(|scope| {
                in_order(scope, threads, 0..100_u32, || |item| item * 2)
                    .expect("threads")
                    .collect()
            });
            assert!(doubled.into_iter().eq((0..100).map(|item| item * 2)));
        }
    }
}
