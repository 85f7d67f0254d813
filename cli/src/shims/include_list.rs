//! Which topics a script or command means: names or regular expressions, separated by commas, each for the whole name.

use anyhow::{Context as _, Result};

/// A choice of topics.
pub(crate) struct IncludeList(regex_lite::Regex);

impl IncludeList {
    /// Reads a choice as Kafka does: blanks are dropped, quotes around the whole are too.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let alternatives = text.trim_matches(['"', '\'']).replace(',', "|");
        let regex = regex_lite::Regex::new(&format!("^(?:{alternatives})$"));
        Ok(Self(regex.with_context(|| format!("{text} is an invalid regex."))?))
    }

    pub(crate) fn has(&self, topic: &str) -> bool {
        self.0.is_match(topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_of_whole_names() {
        let list = IncludeList::parse("'orders, pay.*'").unwrap();
        assert!(list.has("orders") && list.has("payments"));
        assert!(!list.has("orders2") && !list.has("repay"));
        assert!(IncludeList::parse("(").is_err());
    }
}
