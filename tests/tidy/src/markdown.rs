//! What a page in Markdown holds beside its prose: fenced blocks and links.

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What stands behind the opening fence: the language, then what else is said of it.
    pub info: String,
    /// Its lines.
    pub text: String,
    /// The line of its opening fence, from 1.
    pub line: usize,
}

impl Block {
    /// Whether its language or one of its other words is `word`.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.info.split_whitespace().any(|found| found == word)
    }
}

/// The fenced blocks of a page, in order.
#[must_use]
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block { info: info.trim().to_owned(), text: String::new(), line: number + 1 });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// Where the links of a page lead, in order.
#[must_use]
pub fn links(page: &str) -> Vec<&str> {
    page.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect()
}

/// The words that a page shows as code within its prose, in order.
#[must_use]
pub fn code(page: &str) -> Vec<&str> {
    let mut is_fenced = false;
    let mut words = Vec::new();
    for line in page.lines() {
        if line.starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced {
            words.extend(line.split('`').skip(1).step_by(2).flat_map(str::split_whitespace));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_links_are_found() {
        let page = "See `a b` and [a](b.md#c).\n```sh kubernetes\nx\ny\n```\n```\n```\n";
        assert_eq!((links(page), code(page)), (vec!["b.md#c"], vec!["a", "b"]));
        let found = blocks(page);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].text.as_str(), found[0].line), ("x\ny\n", 2));
        assert!(found[0].is("sh") && found[0].is("kubernetes") && !found[1].is("sh"));
    }
}
