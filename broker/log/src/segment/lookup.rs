//! Finding batches in a segment: by offset through the offset index, by time through the time index.
//!
//! An index entry is a hint. The batch that it points at must begin at or before what is looked for; when it
//! does not, the search begins at the segment's start.

use std::io;

use broker_records::BatchHeader;
use broker_types::{Offset, Timestamp};

use super::{Home, LOOKUP_BUFFER_BYTES, Segment};
use crate::{
    disk::Disk,
    scan::{Next, Placed, Scan},
};

/// A batch found in a segment.
pub(crate) type Located = Placed;

/// The outcome of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There it is.
    Batch(Located),
    /// Nothing in this segment: look in the next.
    Beyond,
    /// The bytes at this position are no batch.
    Damage(u64),
}

impl<D: Disk> Segment<D> {
    /// The header of the first batch; `None` when the segment is empty or begins with damage.
    pub(crate) fn first_header(&self, home: Home<'_, D>) -> io::Result<Option<BatchHeader>> {
        let file = self.file(home)?;
        let mut buffer = [0; LOOKUP_BUFFER_BYTES];
        match Scan::new(&*file, &mut buffer, 0, self.size).advance()? {
            Next::Batch(batch) => Ok(Some(batch.header)),
            Next::End | Next::Damage => Ok(None),
        }
    }

    /// The first batch from `position` on that `wanted` accepts.
    fn find_from(
        &self,
        home: Home<'_, D>,
        position: u64,
        wanted: impl Fn(&BatchHeader) -> bool,
    ) -> io::Result<Found> {
        let file = self.file(home)?;
        let mut buffer = [0; LOOKUP_BUFFER_BYTES];
        let mut scan = Scan::new(&*file, &mut buffer, position, self.size);
        loop {
            match scan.advance()? {
                Next::Batch(batch) if wanted(&batch.header) => return Ok(Found::Batch(batch)),
                Next::Batch(_) => {}
                Next::End => return Ok(Found::Beyond),
                Next::Damage => return Ok(Found::Damage(scan.position())),
            }
        }
    }

    /// Where a search for `offset` may begin: the position of a batch that begins at or before it.
    fn hint(&self, home: Home<'_, D>, offset: Offset) -> io::Result<u64> {
        let Some(entry) = self.offsets.lookup(home.disk, home.folder, offset)? else { return Ok(0) };
        let position = u64::from(entry.position);
        let file = self.file(home)?;
        let mut buffer = [0; LOOKUP_BUFFER_BYTES];
        match Scan::new(&*file, &mut buffer, position, self.size).advance()? {
            Next::Batch(batch) if batch.header.last_offset() == entry.offset => Ok(position),
            _ => {
                tracing::warn!(segment = %self.base, %offset, "an index entry does not point at its batch; not used");
                Ok(0)
            }
        }
    }

    /// The batch that holds `offset`, or the first one after it.
    pub(crate) fn find_offset(&self, home: Home<'_, D>, offset: Offset) -> io::Result<Found> {
        let position = self.hint(home, offset)?;
        self.find_from(home, position, |header| header.last_offset() >= offset)
    }

    /// The first batch with a record at or after `timestamp`, and at or after `start`.
    pub(crate) fn find_time(
        &self,
        home: Home<'_, D>,
        timestamp: Timestamp,
        start: Offset,
    ) -> io::Result<Found> {
        let before = self.times.lookup(home.disk, home.folder, timestamp)?;
        let from = before.map_or(start, |entry| entry.offset.max(start));
        let position = self.hint(home, from)?;
        self.find_from(home, position, |header| {
            header.last_offset() >= start && header.max_time().is_some_and(|max| max >= timestamp)
        })
    }
}
