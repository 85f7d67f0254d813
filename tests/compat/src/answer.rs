//! Answers in the old encoding, taken apart field by field.

use anyhow::{Context, Result, ensure};

/// What is left of an answer in the old encoding.
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
