//! Numbers as Java writes them.

/// With so many digits behind the point; what was divided by no time at all is told in Java's words.
pub(super) fn figure(value: f64, digits: usize) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else {
        format!("{value:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_told_in_javas_words() {
        let told = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 2.0 / 3.0].map(|value| figure(value, 2));
        assert_eq!(told, ["Infinity", "-Infinity", "NaN", "0.67"]);
    }
}
