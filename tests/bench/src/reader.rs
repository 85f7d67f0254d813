//! Takes parts off the front of an answer in the compact encoding.

use anyhow::{Context, Result};

/// What is left of an answer.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// What follows the header of an answer: its number, and no tagged fields.
    pub(crate) fn of(answer: &'a [u8]) -> Result<Self> {
        let mut reader = Self(answer);
        reader.skip(4 + 1)?;
        Ok(reader)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).context("a short answer")?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn skip(&mut self, length: usize) -> Result<()> {
        self.take(length).map(|_| ())
    }

    pub(crate) fn int16(&mut self) -> Result<i16> {
        Ok(i16::from_be_bytes(self.take(2)?.try_into()?))
    }

    pub(crate) fn int32(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into()?))
    }

    pub(crate) fn int64(&mut self) -> Result<i64> {
        Ok(i64::from_be_bytes(self.take(8)?.try_into()?))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        Ok(str::from_utf8(self.blob()?)?)
    }

    fn varint(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        anyhow::bail!("a number without end")
    }

    /// The length of an array, a text or bytes; 0 when absent.
    pub(crate) fn length(&mut self) -> Result<usize> {
        Ok(self.varint()?.saturating_sub(1))
    }

    pub(crate) fn blob(&mut self) -> Result<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    pub(crate) fn skip_text(&mut self) -> Result<()> {
        self.blob().map(|_| ())
    }

    pub(crate) fn skip_tags(&mut self) -> Result<()> {
        for _ in 0..self.varint()? {
            self.varint()?;
            let length = self.varint()?;
            self.skip(length)?;
        }
        Ok(())
    }
}
