//! Answers, taken apart field by field.

use anyhow::{Context, Result, bail, ensure};

/// What is left of an answer.
pub(crate) struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// What follows the correlation id.
    pub(crate) fn of(answer: &'a [u8]) -> Result<Self> {
        Ok(Self(answer.get(4..).context("a short answer")?))
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).context("a short answer")?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn int16(&mut self) -> Result<i16> {
        Ok(i16::from_be_bytes(self.take(2)?.try_into()?))
    }

    pub(crate) fn int64(&mut self) -> Result<i64> {
        Ok(i64::from_be_bytes(self.take(8)?.try_into()?))
    }

    /// Bytes after their length.
    pub(crate) fn blob(&mut self) -> Result<&'a [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    pub(crate) fn int32(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into()?))
    }

    pub(crate) fn int8(&mut self) -> Result<i8> {
        Ok(i8::from_be_bytes(self.take(1)?.try_into()?))
    }

    /// The compact forms of flexible versions: an unsigned number of variable length.
    fn varint(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = usize::from(self.take(1)?[0]);
            number |= (byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        bail!("a number that does not end")
    }

    /// Tagged fields, of which none is expected.
    pub(crate) fn tags(&mut self) -> Result<()> {
        let count = self.varint()?;
        ensure!(count == 0, "{count} tagged fields");
        Ok(())
    }

    /// How many elements a compact array has.
    pub(crate) fn compact_count(&mut self) -> Result<usize> {
        let count = self.varint()?.saturating_sub(1);
        ensure!(count <= self.0.len(), "an array that is longer than its answer");
        Ok(count)
    }

    /// A compact text, or null.
    pub(crate) fn compact_text(&mut self) -> Result<Option<String>> {
        let Some(length) = self.varint()?.checked_sub(1) else { return Ok(None) };
        Ok(Some(String::from_utf8(self.take(length)?.to_vec())?))
    }

    pub(crate) fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.int32()?.max(0))?;
        ensure!(count <= self.0.len(), "an array that is longer than its answer");
        Ok(count)
    }

    pub(crate) fn int32s(&mut self) -> Result<Vec<i32>> {
        (0..self.count()?).map(|_| self.int32()).collect()
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        Ok(self.nullable_text()?.unwrap_or_default())
    }

    pub(crate) fn nullable_text(&mut self) -> Result<Option<String>> {
        // An absent text has the length -1.
        let Ok(length) = usize::try_from(self.int16()?) else { return Ok(None) };
        Ok(Some(String::from_utf8_lossy(self.take(length)?).into_owned()))
    }
}
