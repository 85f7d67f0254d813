//! Points in time as Kafka's tools take them: ISO 8601 with milliseconds, and durations.

use std::time::{SystemTime, UNIX_EPOCH};

use broker_types::Timestamp;

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
const SECOND_MS: i64 = 1000;

/// No point in time, in the words of Kafka's tools.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MomentError {
    /// A date alone.
    #[error("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format")]
    NoTime,
    /// Something else.
    #[error("Unparseable date: \"{0}\"")]
    Unparseable(String),
    /// No duration.
    #[error("Text cannot be parsed to a Duration")]
    Duration,
}

/// The time now.
#[allow(clippy::disallowed_methods, reason = "a tool reckons back from the time that people have")]
pub(crate) fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

/// `before` milliseconds before `now`; not before 1970, where no record is.
pub(crate) fn before(now: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millis(now.as_millis().saturating_sub(millis).max(0))
}

/// Reads `YYYY-MM-DDThh:mm:ss.sss`, in UTC or with a zone behind it: `Z`, `+hh`, `+hhmm`, `+hh:mm`.
pub(crate) fn date_time(text: &str) -> Result<Timestamp, MomentError> {
    let (_, time) = text.split_once('T').filter(|(_, time)| !time.is_empty()).ok_or(MomentError::NoTime)?;
    let text = if time.contains(['+', '-', 'Z']) { text.to_owned() } else { format!("{text}Z") };
    let millis = millis_since_1970(&text).ok_or_else(|| MomentError::Unparseable(text.clone()))?;
    Ok(Timestamp::from_millis(millis.max(0)))
}

fn millis_since_1970(text: &str) -> Option<i64> {
    let mut rest = text;
    let year = number(&mut rest, "-")?;
    let month = number(&mut rest, "-")?;
    let day = number(&mut rest, "T")?;
    let hour = number(&mut rest, ":")?;
    let minute = number(&mut rest, ":")?;
    let second = number(&mut rest, ".")?;
    let milli = number(&mut rest, "")?;
    let is_date = (1..=12).contains(&month) && (1..=days_of_month(year, month)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 || milli > 999 {
        return None;
    }
    let local = days_since_1970(year, month, day) * DAY_MS
        + hour * HOUR_MS
        + minute * MINUTE_MS
        + second * SECOND_MS
        + milli;
    Some(local - zone_millis(rest)?)
}

/// A number and what ends it.
fn number(rest: &mut &str, end: &str) -> Option<i64> {
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (number, behind) = rest.split_at_checked(digits)?;
    *rest = behind.strip_prefix(end)?;
    // More digits than any date has would not be reckoned with.
    (number.len() <= 9).then_some(())?;
    number.parse().ok()
}

fn zone_millis(text: &str) -> Option<i64> {
    if text.starts_with('Z') {
        return Some(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let two = |at: usize| digits.get(at..at + 2).filter(|two| two.bytes().all(|c| c.is_ascii_digit()));
    let hours: i64 = two(0)?.parse().ok()?;
    let minutes: i64 = match digits.get(2..3) {
        Some(":") => two(3)?.parse().ok()?,
        _ => two(2).map_or(Ok(0), str::parse).ok()?,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * HOUR_MS + minutes * MINUTE_MS))
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Howard Hinnant's "days from civil": years begin in March, so that the leap day is their last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era_days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    year.div_euclid(400) * 146_097 + of_era_days - 719_468
}

/// Reads `PnDTnHnMnS` in milliseconds; parts may be negative, seconds may have fractions.
pub(crate) fn duration_millis(text: &str) -> Result<i64, MomentError> {
    parse_duration(&text.to_ascii_uppercase()).ok_or(MomentError::Duration)
}

fn parse_duration(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.strip_prefix('P')?;
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let mut total = 0_i64;
    let mut rest = date;
    let mut parts = 0;
    if let Some(days) = part(&mut rest, 'D') {
        total = total.checked_add(fixed(days)?.checked_mul(DAY_MS)?)?;
        parts += 1;
    }
    (rest.is_empty()).then_some(())?;
    if let Some(time) = time {
        rest = time;
        let before = parts;
        for (unit, millis) in [('H', HOUR_MS), ('M', MINUTE_MS)] {
            if let Some(count) = part(&mut rest, unit) {
                total = total.checked_add(fixed(count)?.checked_mul(millis)?)?;
                parts += 1;
            }
        }
        if let Some(seconds) = part(&mut rest, 'S') {
            total = total.checked_add(seconds_millis(seconds)?)?;
            parts += 1;
        }
        (rest.is_empty() && parts > before).then_some(())?;
    }
    (parts > 0).then_some(())?;
    total.checked_mul(sign)
}

/// What stands before `unit`, if it comes next.
fn part<'a>(rest: &mut &'a str, unit: char) -> Option<&'a str> {
    let (count, behind) = rest.split_once(unit)?;
    let is_count = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | ',');
    if count.is_empty() || !count.chars().all(is_count) {
        return None;
    }
    *rest = behind;
    Some(count)
}

fn fixed(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn seconds_millis(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let whole_millis = fixed(whole)?.checked_mul(SECOND_MS)?;
    (fraction.len() <= 9 && fraction.bytes().all(|c| c.is_ascii_digit())).then_some(())?;
    let padded = format!("{fraction:0<3}");
    let millis: i64 = padded.get(..3)?.parse().ok()?;
    Some(if whole.starts_with('-') { whole_millis - millis } else { whole_millis + millis })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        date_time(text).unwrap().as_millis()
    }

    #[test]
    fn dates_are_read_in_utc_or_in_their_zone() {
        assert_eq!(at("1970-01-02T00:00:00.000"), DAY_MS);
        assert_eq!(at("2024-02-29T12:30:15.007Z"), 1_709_209_815_007);
        assert_eq!(at("2000-03-01T00:00:00.000+02:00"), 951_868_800_000 - 2 * HOUR_MS);
        assert_eq!(at("2000-03-01T00:00:00.000-0130"), 951_868_800_000 + 90 * MINUTE_MS);
        assert_eq!(at("2000-03-01T00:00:00.000+02"), at("2000-03-01T00:00:00.000+0200"));
        assert_eq!(date_time("2020-01-01"), Err(MomentError::NoTime));
        for wrong in ["2023-02-29T00:00:00.000", "2020-01-01T24:00:00.000", "2020-01-01T00:00:00", "xTy"] {
            let with_zone = format!("{wrong}Z");
            assert_eq!(date_time(wrong), Err(MomentError::Unparseable(with_zone)), "{wrong}");
        }
    }

    #[test]
    fn durations_are_read_as_java_reads_them() {
        let read = |text: &str| duration_millis(text).ok();
        assert_eq!(read("P1DT1H1M1.5S"), Some(DAY_MS + HOUR_MS + MINUTE_MS + 1500));
        assert_eq!(read("pt0s"), Some(0));
        assert_eq!(read("-PT-6H+3M"), Some(6 * HOUR_MS - 3 * MINUTE_MS));
        assert_eq!(read("PT-0.5S"), Some(-500));
        for wrong in ["P1W", "P", "PT", "1D", "P1DT", "PT1S1M", "PT1.5H", "P1H", "", "PTS", "P1D "] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_is_before_1970() {
        assert_eq!(before(Timestamp::from_millis(5), 3).as_millis(), 2);
        assert_eq!(before(Timestamp::from_millis(5), 30).as_millis(), 0);
    }
}
