//! Work on several threads, results in the order of the work: [`shared()`] where all of it is there, [`in_order`] where
//! it has to be waited for.

mod order;
mod shared;

pub(crate) use self::{order::in_order, shared::shared};

/// So many threads work at once: more do not pay.
const MOST: usize = 8;

/// Threads that can work at once here.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST)
}
