//! How client commands print: a table for people, JSON or YAML for programs.

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;

/// The form of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table
    #[default]
    Table,
    /// JSON, indented
    Json,
    /// YAML
    Yaml,
}

/// What can be shown as a table.
pub(crate) trait Tabular {
    /// The heads of the columns.
    fn head() -> &'static [&'static str];
    /// The rows of one item.
    fn rows(&self) -> Vec<Vec<String>>;
}

/// Prints `items` in `format` to standard output.
pub(crate) fn print<T: Tabular + Serialize>(items: &[T], format: Format) -> Result<()> {
    match format {
        Format::Json => println!("{}", serde_json::to_string_pretty(items)?),
        Format::Yaml => print!("{}", serde_yaml::to_string(items)?),
        Format::Table => {
            let mut table = comfy_table::Table::new();
            table.load_preset(comfy_table::presets::NOTHING).set_header(T::head());
            for item in items {
                table.add_rows(item.rows());
            }
            println!("{table}");
        }
    }
    Ok(())
}
