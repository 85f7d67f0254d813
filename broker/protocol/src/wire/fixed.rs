//! Values of fixed size, for writing and reading several at once.
//!
//! A writer's cost is mostly its calls: each waits for the length that the one before stored.

use broker_types::Uuid;

/// A value that takes `N` bytes on the wire.
pub trait Fixed<const N: usize>: Copy {
    /// Its bytes.
    fn to_wire(self) -> [u8; N];
    /// The value of some bytes.
    fn from_wire(bytes: [u8; N]) -> Self;
}

macro_rules! fixed {
    ($($ty:ty: $bytes:literal)*) => {$(
        impl Fixed<$bytes> for $ty {
            #[inline]
            fn to_wire(self) -> [u8; $bytes] {
                self.to_be_bytes()
            }

            #[inline]
            fn from_wire(bytes: [u8; $bytes]) -> Self {
                Self::from_be_bytes(bytes)
            }
        }
    )*};
}

fixed!(i8: 1 i16: 2 u16: 2 i32: 4 u32: 4 i64: 8 f64: 8);

impl Fixed<1> for bool {
    #[inline]
    fn to_wire(self) -> [u8; 1] {
        [u8::from(self)]
    }

    #[inline]
    fn from_wire([byte]: [u8; 1]) -> Self {
        byte != 0
    }
}

impl Fixed<16> for Uuid {
    #[inline]
    fn to_wire(self) -> [u8; 16] {
        *self.as_bytes()
    }

    #[inline]
    fn from_wire(bytes: [u8; 16]) -> Self {
        Self::from_bytes(bytes)
    }
}

/// The place of several values that follow each other; `N` is the sum of their bytes.
#[derive(Debug)]
pub struct Run<'a, const N: usize> {
    place: &'a mut [u8; N],
    len: usize,
}

impl<'a, const N: usize> Run<'a, N> {
    #[inline]
    pub(super) fn new(place: &'a mut [u8; N]) -> Self {
        Self { place, len: 0 }
    }

    /// One more value. What no longer fits in `N` bytes is left out: the generator counted them.
    #[inline]
    pub fn with<const M: usize>(self, value: impl Fixed<M>) -> Self {
        let end = self.len + M;
        debug_assert!(end <= N, "the generator counts the bytes of a run");
        if let Some(place) = self.place.get_mut(self.len..end) {
            place.copy_from_slice(&value.to_wire());
        }
        Self { place: self.place, len: end }
    }
}
