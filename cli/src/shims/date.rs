//! Points in time as Java's `SimpleDateFormat` writes them: the letters of dates and times, text in quotes. In UTC.

use anyhow::{Result, bail};

const SECOND_MS: i64 = 1000;
const DAY_MS: i64 = 86_400 * SECOND_MS;

/// How points in time are written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DateFormat(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// A letter, and how often it stands there.
    Field(char, usize),
}

impl DateFormat {
    /// Reads a pattern.
    pub(super) fn parse(pattern: &str) -> Result<Self> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            let piece = match letter {
                '\'' if letters.next_if_eq(&'\'').is_some() => Piece::Text("'".to_owned()),
                '\'' => {
                    let mut text = String::new();
                    loop {
                        match letters.next() {
                            Some('\'') if letters.next_if_eq(&'\'').is_none() => break,
                            Some(inside) => text.push(inside),
                            None => bail!("Unterminated quote"),
                        }
                    }
                    Piece::Text(text)
                }
                'y' | 'M' | 'd' | 'H' | 'm' | 's' | 'S' => {
                    let mut count = 1;
                    while letters.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    Piece::Field(letter, count)
                }
                other if other.is_ascii_alphabetic() => {
                    bail!("--date-format: the letter {other} is not built")
                }
                other => Piece::Text(other.to_string()),
            };
            pieces.push(piece);
        }
        Ok(Self(pieces))
    }

    /// Writes a time in milliseconds since 1970.
    pub(super) fn format(&self, millis: i64) -> String {
        let (year, month, day) = civil(millis.div_euclid(DAY_MS));
        let of_day = millis.rem_euclid(DAY_MS);
        let second = of_day / SECOND_MS;
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text += plain,
                Piece::Field(letter, width) => {
                    let value = match letter {
                        'y' if *width == 2 => year.rem_euclid(100),
                        'y' => year,
                        'M' => month,
                        'd' => day,
                        'H' => second / 3600,
                        'm' => second / 60 % 60,
                        's' => second % 60,
                        _ => of_day % SECOND_MS,
                    };
                    text += &format!("{value:0width$}");
                }
            }
        }
        text
    }
}

/// Howard Hinnant's "civil from days": years begin in March, so that the leap day is their last.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = days.div_euclid(146_097) * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_their_pattern_says() {
        let shown = |pattern: &str, millis| DateFormat::parse(pattern).unwrap().format(millis);
        assert_eq!(shown("yyyy-MM-dd HH:mm:ss:SSS", 1_709_209_815_007), "2024-02-29 12:30:15:007");
        assert_eq!(shown("d.M.yy 'at' H''mm", 951_868_800_000), "1.3.00 at 0'00");
        assert_eq!(shown("S", 5), "5");
        assert!(DateFormat::parse("yyyy'x").is_err() && DateFormat::parse("EEE").is_err());
    }
}
