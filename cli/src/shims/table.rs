//! Tables as most of Kafka's scripts print them.

/// Columns as wide as what is in them, with tabs between.
pub(super) fn pretty<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].len());
        cells.max().unwrap_or(0).max(head[column].len())
    };
    let line = |cells: [&str; N]| {
        let padded = cells.iter().enumerate().map(|(column, cell)| format!("{cell:<0$}\t", width(column)));
        padded.collect::<String>() + "\n"
    };
    let shown = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(head)).chain(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(
            pretty(["A", "Long"], &[row("abc", "d"), row("e", "f")]),
            "A  \tLong\t\nabc\td   \t\ne  \tf   \t\n"
        );
        assert_eq!(pretty(["A", "B"], &[]), "A\tB\t\n");
    }
}
