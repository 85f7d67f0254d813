//! How large a cluster should be: the classic arithmetic, shown step by step, and the full model.

pub mod classic;
pub mod load;
pub mod model;
pub mod resources;

/// One step of an arithmetic: what is computed, how, and what comes out, as one line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is computed.
    pub title: String,
    /// The arithmetic with its figures and its result.
    pub text: String,
}

impl Step {
    pub(crate) fn new(title: &str, text: String) -> Self {
        Self { title: title.to_owned(), text }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.title, self.text)
    }
}

/// A count, rounded up; what is not finite or negative is nothing.
pub(crate) fn count_up(value: f64) -> i64 {
    // A whole number that a rounding error made larger by a hair is still that number.
    let rounded = (value - 1e-9).ceil();
    // The cast saturates, which is what is wanted of a count.
    #[allow(clippy::cast_possible_truncation)]
    if rounded.is_finite() && rounded > 0.0 { rounded as i64 } else { 0 }
}
