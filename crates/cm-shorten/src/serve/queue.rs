//! Things on their way to a thread that takes them in groups: bounded, and without waking that thread for each of them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A queue with one taker.
#[derive(Debug)]
pub struct Queue<T> {
    state: Mutex<State<T>>,
    /// Told when the first of a group comes, when a group is full, and at the end.
    ready: Condvar,
    most: usize,
    group: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    /// Room for `most`; a full group is `group`.
    pub fn new(most: usize, group: usize) -> Queue<T> {
        let state = Mutex::new(State { waiting: VecDeque::new(), closed: false });
        Queue { state, ready: Condvar::new(), most, group }
    }

    /// Puts one in, or gives it back when there is no room or it is closed. Never waits for the taker.
    pub fn put(&self, one: T) -> Result<(), T> {
        let mut state = self.lock();
        if state.closed || state.waiting.len() >= self.most {
            return Err(one);
        }
        state.waiting.push_back(one);
        let tell = state.waiting.len() == 1 || state.waiting.len() == self.group;
        drop(state);
        if tell {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Waits up to `wait` for the first; false when none came and it is still open.
    pub fn wait(&self, wait: Duration) -> bool {
        let empty = |state: &mut State<T>| state.waiting.is_empty() && !state.closed;
        let waited = self.ready.wait_timeout_while(self.lock(), wait, empty);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !state.waiting.is_empty() || state.closed
    }

    /// Waits for the first, then up to `wait` for more, at most a group of them; `None` once it is closed and empty.
    pub fn take(&self, wait: Duration) -> Option<Vec<T>> {
        let state = self.lock();
        let empty = |state: &mut State<T>| state.waiting.is_empty() && !state.closed;
        let state = self.ready.wait_while(state, empty).unwrap_or_else(PoisonError::into_inner);
        let short = |state: &mut State<T>| state.waiting.len() < self.group && !state.closed;
        let waited = self.ready.wait_timeout_while(state, wait, short);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let count = state.waiting.len().min(self.group);
        (count > 0).then(|| state.waiting.drain(..count).collect())
    }

    /// Ends it: what is in it is still taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_one();
    }

    /// Whether it was ended.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_full_group_does_not_wait_and_the_rest_comes_at_the_end() {
        let queue = Queue::new(8, 3);
        assert!((0..8).all(|n| queue.put(n).is_ok()));
        assert_eq!(queue.put(8), Err(8), "no more than there is room for");
        assert_eq!(queue.take(LONG), Some(vec![0, 1, 2]));
        assert_eq!(queue.take(LONG), Some(vec![3, 4, 5]));
        queue.close();
        assert!(queue.put(9) == Err(9) && queue.is_closed());
        assert_eq!((queue.take(LONG), queue.take(LONG)), (Some(vec![6, 7]), None));
    }

    #[test]
    fn nothing_is_lost_between_threads_and_order_is_kept() {
        let queue = Queue::new(usize::MAX, 16);
        std::thread::scope(|scope| {
            let taker = scope.spawn(|| {
                std::iter::from_fn(|| queue.take(Duration::from_millis(1))).flatten().collect::<Vec<u32>>()
            });
            for n in 0..10_000 {
                assert_eq!(queue.put(n), Ok(()));
            }
            queue.close();
            assert_eq!(taker.join().unwrap(), (0..10_000).collect::<Vec<_>>());
        });
    }

    #[test]
    fn a_few_are_given_out_when_the_wait_is_over() {
        let queue = Queue::new(8, 3);
        assert_eq!(queue.put(1), Ok(()));
        assert_eq!(queue.take(Duration::from_millis(1)), Some(vec![1]));
    }
}
