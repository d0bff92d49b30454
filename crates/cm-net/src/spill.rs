//! Bodies that stay small in memory whatever their size and number. In: bytes as they come. Out: a `Body`, in memory up
//! to 64 KiB and while all bodies of a client together hold no more than their budget, else in an unnamed temporary file.
//!
//! Nobody ever waits for the budget: what finds it used up goes to the disk. So no order of events can lock up.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What one body may hold of the memory; nearly all feeds are smaller.
const SMALL: usize = 64 << 10;

/// Longer ones are given room that goes back to the system with them.
const LONG: usize = 1 << 20;
/// Room of this size is the system's again when it is given up, where of less an allocator may keep what was freed: glibc
/// maps what is larger than 32 MiB (mallopt(3), M_MMAP_THRESHOLD). What is not written to takes no memory.
const RETURNED: usize = 33 << 20;

/// Held by whoever has something of many megabytes in memory.
static LARGE: Mutex<()> = Mutex::new(());

/// Waits for the turn to have something of many megabytes in memory, which is a process's only such thing: the window of a
/// decoder, or a long body with what is made of it. Whoever holds it must wait for no body to come.
pub fn turn_of_the_large() -> MutexGuard<'static, ()> {
    LARGE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes that all bodies of a client may hold in memory together.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicUsize,
}

impl Budget {
    /// So many bytes.
    pub(crate) fn new(bytes: usize) -> Arc<Budget> {
        Arc::new(Budget { left: AtomicUsize::new(bytes) })
    }

    fn take(&self, bytes: usize) -> bool {
        let taken = self.left.try_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(bytes));
        taken.is_ok()
    }
}

/// What one body holds of the budget; it returns with the body.
#[derive(Debug)]
struct Share {
    budget: Option<Arc<Budget>>,
    bytes: usize,
}

impl Share {
    fn grow(&mut self, bytes: usize) -> bool {
        let grown = self.budget.as_ref().is_none_or(|budget| budget.take(bytes));
        self.bytes += if grown { bytes } else { 0 };
        grown
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.left.fetch_add(self.bytes, Ordering::AcqRel);
        }
    }
}

/// A body, decompressed: in memory or in an unnamed file that vanishes with it. Debug shows its length only.
pub struct Body {
    form: Form,
}

enum Form {
    Memory { bytes: Vec<u8>, _share: Share },
    File { file: File, length: u64 },
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len()).finish()
    }
}

impl Body {
    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        match &self.form {
            Form::Memory { bytes, .. } => bytes.len() as u64,
            Form::File { length, .. } => *length,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it in memory, where it counts no more against the budget. Errors are those of the temporary file.
    pub fn into_bytes(self) -> io::Result<Vec<u8>> {
        match self.form {
            Form::Memory { bytes, .. } => Ok(bytes),
            Form::File { mut file, length } => {
                file.seek(SeekFrom::Start(0))?;
                let length = usize::try_from(length).unwrap_or_default();
                let mut bytes = Vec::with_capacity(if length > LONG { length.max(RETURNED) } else { length });
                file.read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// Reads it from its beginning.
    pub fn reader(&mut self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match &mut self.form {
            Form::Memory { bytes, .. } => Box::new(Cursor::new(bytes)),
            Form::File { file, .. } => {
                file.seek(SeekFrom::Start(0))?;
                Box::new(file)
            }
        })
    }
}

/// For bodies that come from elsewhere; they count against no budget.
impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Body { form: Form::Memory { bytes, _share: Share { budget: None, bytes: 0 } } }
    }
}

/// A body in the making.
pub(crate) struct Sink {
    memory: Vec<u8>,
    share: Share,
    file: Option<(File, u64)>,
}

impl Sink {
    /// One that is empty.
    pub(crate) fn new(budget: &Arc<Budget>) -> Sink {
        let share = Share { budget: Some(Arc::clone(budget)), bytes: 0 };
        Sink { memory: Vec::new(), share, file: None }
    }

    /// So much is said to come: room for it is made at once, if it is to stay in memory.
    pub(crate) fn expect(&mut self, bytes: u64) {
        let _fits = usize::try_from(bytes).is_ok_and(|bytes| self.fits(bytes));
    }

    /// How much is in it.
    pub(crate) fn len(&self) -> usize {
        self.file
            .as_ref()
            .map_or(self.memory.len(), |(_, length)| usize::try_from(*length).unwrap_or(usize::MAX))
    }

    /// The body.
    pub(crate) fn finish(self) -> Body {
        match self.file {
            Some((file, length)) => Body { form: Form::File { file, length } },
            None => Body { form: Form::Memory { bytes: self.memory, _share: self.share } },
        }
    }

    fn fits(&mut self, more: usize) -> bool {
        let needed = self.memory.len().saturating_add(more);
        if needed <= self.share.bytes {
            return true;
        }
        // What is counted is what is allocated.
        let room = needed.next_power_of_two();
        if needed > SMALL || !self.share.grow(room - self.share.bytes) {
            return false;
        }
        self.memory.reserve_exact(room - self.memory.len());
        true
    }

    fn spill(&mut self) -> io::Result<()> {
        let mut file = tempfile::tempfile()?;
        file.write_all(&self.memory)?;
        self.file = Some((file, self.memory.len() as u64));
        self.memory = Vec::new();
        self.share = Share { budget: None, bytes: 0 };
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.file.is_none() {
            if self.fits(bytes.len()) {
                self.memory.extend_from_slice(bytes);
                return Ok(bytes.len());
            }
            self.spill()?;
        }
        if let Some((file, length)) = &mut self.file {
            file.write_all(bytes)?;
            *length += bytes.len() as u64;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn left(budget: &Budget) -> usize {
        budget.left.load(Ordering::Acquire)
    }

    #[test]
    fn small_ones_stay_in_memory_and_give_their_share_back() {
        let budget = Budget::new(100 << 10);
        let mut sink = Sink::new(&budget);
        sink.write_all(&[b'x'; SMALL]).unwrap();
        let body = sink.finish();
        assert!(matches!(body.form, Form::Memory { .. }));
        assert_eq!(left(&budget), (100 << 10) - SMALL);
        let mut second = Sink::new(&budget);
        second.write_all(&[b'y'; SMALL]).unwrap();
        assert!(second.file.is_some(), "the budget has no room for it");
        assert_eq!(second.finish().into_bytes().unwrap(), [b'y'; SMALL]);
        assert_eq!(body.into_bytes().unwrap(), [b'x'; SMALL]);
        assert_eq!(left(&budget), 100 << 10);
    }

    #[test]
    fn a_body_can_be_read_twice() {
        for size in [10, SMALL + 1] {
            let mut sink = Sink::new(&Budget::new(1 << 20));
            sink.write_all(&vec![b'x'; size]).unwrap();
            let mut body = sink.finish();
            for _ in 0..2 {
                let mut read = Vec::new();
                body.reader().unwrap().read_to_end(&mut read).unwrap();
                assert_eq!((read.len(), body.len()), (size, size as u64));
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_goes_in_comes_out(parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40_000), 0..6), room in 0..100_000usize) {
            let budget = Budget::new(room);
            let mut sink = Sink::new(&budget);
            for part in &parts {
                sink.write_all(part).unwrap();
            }
            prop_assert!(left(&budget) + SMALL >= room.min(SMALL));
            let whole = parts.concat();
            prop_assert_eq!(sink.len(), whole.len());
            prop_assert_eq!(sink.finish().into_bytes().unwrap(), whole);
            prop_assert_eq!(left(&budget), room);
        }
    }
}
