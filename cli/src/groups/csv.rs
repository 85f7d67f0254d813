//! Plans of offsets as CSV: `topic,partition,offset` for one group, the group in front for several.

use std::{collections::BTreeMap, fmt::Write as _};

use broker_types::{Offset, PartitionId, TopicName, TopicPartition};

/// Fields that are longer are put in quotes without a look at them, as Kafka's tools do.
const LOOKED_AT_MAX: usize = 24;

/// What is wrong with a plan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CsvError {
    /// Too many fields, or none.
    #[error("line {line}: {fields} fields, expected at most {most}")]
    Fields { line: usize, fields: usize, most: usize },
    /// No offset; the words are Kafka's.
    #[error("Invalid negative offset")]
    Negative,
    /// No number where one is expected.
    #[error("line {line}: '{text}' is not a number")]
    Number { line: usize, text: String },
}

/// Offsets by group.
pub(crate) type Plans = BTreeMap<String, BTreeMap<TopicPartition, i64>>;

/// Reads a plan. Of the `only` group that is asked for it may be without the group.
pub(crate) fn read(text: &str, only: Option<&str>) -> Result<Plans, CsvError> {
    let lines: Vec<_> = text.trim_end_matches('\n').split('\n').map(fields).collect();
    let is_of_one =
        lines.first().is_none_or(|first| matches!(entry(0, first), Ok(_) | Err(CsvError::Negative)));
    let mut plans = Plans::new();
    for (at, line) in lines.iter().enumerate() {
        let (group, rest) = match (only, line.split_first()) {
            (Some(only), _) if is_of_one => (only, &line[..]),
            (_, Some((group, rest))) => (group.as_str(), rest),
            (_, None) => ("", &[][..]),
        };
        let (at, offset) = entry(at, rest)?;
        plans.entry(group.to_owned()).or_default().insert(at, offset);
    }
    Ok(plans)
}

/// Fields that are not there are zero, as they are to Kafka's tools.
fn entry(line: usize, fields: &[String]) -> Result<(TopicPartition, i64), CsvError> {
    let line = line + 1;
    if fields.len() > 3 || fields.is_empty() {
        return Err(CsvError::Fields { line, fields: fields.len(), most: 3 });
    }
    let number = |at: usize| match fields.get(at).map(|text| text.trim()) {
        None | Some("") => Ok(0),
        Some(text) => text.parse::<i64>().map_err(|_| CsvError::Number { line, text: text.to_owned() }),
    };
    let id = number(1)?;
    let id = i32::try_from(id).map_err(|_| CsvError::Number { line, text: id.to_string() })?;
    let offset = number(2)?;
    if offset < 0 {
        return Err(CsvError::Negative);
    }
    Ok((TopicPartition::new(TopicName::new(&fields[0]), PartitionId::new(id)), offset))
}

/// The fields of a line; quotes within quotes are doubled.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.trim_end_matches('\r').chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.next_if_eq(&'"').is_some() => push(&mut fields, '"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            other => push(&mut fields, other),
        }
    }
    fields
}

fn push(fields: &mut [String], letter: char) {
    if let Some(last) = fields.last_mut() {
        last.push(letter);
    }
}

/// Writes plans; the groups only when there are several.
pub(crate) fn write(plans: &BTreeMap<String, BTreeMap<TopicPartition, Offset>>, with_groups: bool) -> String {
    let mut text = String::new();
    for (group, offsets) in plans {
        let group = if with_groups { format!("{},", quoted(group)) } else { String::new() };
        for (at, offset) in offsets {
            let _ = writeln!(text, "{group}{},{},{offset}", quoted(at.topic.as_str()), at.partition);
        }
    }
    text
}

/// In quotes when there is, or may be, something in it that needs them.
fn quoted(field: &str) -> String {
    // Whatever stands before the hyphen: blanks, quotes, commas.
    match field.len() > LOOKED_AT_MAX || field.bytes().any(|byte| byte < b'-') {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, only: Option<&str>) -> String {
        let plans = match read(text, only) {
            Ok(plans) => plans,
            Err(error) => return error.to_string(),
        };
        let all = plans.iter().flat_map(|(group, offsets)| {
            offsets.iter().map(move |(at, offset)| format!("{group} {at} {offset}"))
        });
        all.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_plan_names_its_group_or_is_of_the_one_that_is_asked_for() {
        assert_eq!(told("a,0,1\r\na,1,2\n", Some("g")), "g a-0 1; g a-1 2");
        assert_eq!(told("\"g,1\",a,0,1\nh,a,1,2", Some("g")), "g,1 a-0 1; h a-1 2");
        assert_eq!(told("g,a,0,1", None), "g a-0 1");
        assert_eq!(told("a,x,1", Some("g")), "a x-1 0");
        assert_eq!(told("a,0,1\na,x,1", Some("g")), "line 2: 'x' is not a number");
        assert_eq!(told("a,0,1\na,1,-3", Some("g")), "Invalid negative offset");
        assert_eq!(told("g,a,0,1,2", Some("g")), "line 1: 4 fields, expected at most 3");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let at = TopicPartition::new(TopicName::new("a"), PartitionId::new(3));
        let long = TopicPartition::new(TopicName::new("a-topic-of-25-characters."), PartitionId::new(0));
        let offsets: BTreeMap<_, _> = [(at, Offset::new(7)), (long, Offset::new(8))].into();
        let plans = BTreeMap::from([("a \"group\"".to_owned(), offsets)]);
        let text = write(&plans, true);
        assert_eq!(
            text,
            "\"a \"\"group\"\"\",a,3,7\n\"a \"\"group\"\"\",\"a-topic-of-25-characters.\",0,8\n"
        );
        assert_eq!(told(&text, None), "a \"group\" a-3 7; a \"group\" a-topic-of-25-characters.-0 8");
        assert_eq!(write(&plans, false), "a,3,7\n\"a-topic-of-25-characters.\",0,8\n");
    }
}
