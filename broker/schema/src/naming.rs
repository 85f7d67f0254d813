//! Kafka's CamelCase names as Rust names.

/// `MaxWaitMs` as `max_wait_ms`. A run of capitals is one word (`ISR`), and so is `KRaft`.
#[must_use]
pub fn snake_case(name: &str) -> String {
    let name = name.replace("KRaft", "Kraft");
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, letter) in letters.iter().enumerate() {
        if letter.is_uppercase() {
            let after_lower = index > 0 && !letters[index - 1].is_uppercase();
            let before_lower = index > 0 && letters.get(index + 1).is_some_and(|next| next.is_lowercase());
            if after_lower || before_lower {
                snake.push('_');
            }
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// `ListOffsets` as `LIST_OFFSETS`.
#[must_use]
pub fn upper_snake_case(name: &str) -> String {
    snake_case(name).to_uppercase()
}

/// `UNKNOWN_SERVER_ERROR` as `UnknownServerError`.
pub(crate) fn camel_case(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| format!("{first}{}", letters.as_str().to_lowercase()))
    };
    name.split('_').map(word).collect()
}

/// The field's name in Rust, raw where it is a keyword.
pub(crate) fn field_name(name: &str) -> String {
    let snake = snake_case(name);
    match snake.as_str() {
        "type" | "match" | "where" | "use" | "ref" | "move" | "in" | "loop" | "impl" => format!("r#{snake}"),
        _ => snake,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        for (camel, snake) in [
            ("MaxWaitMs", "max_wait_ms"),
            ("ISR", "isr"),
            ("KRaftVersionRecord", "kraft_version_record"),
            ("DescribeAclsRequest", "describe_acls_request"),
            ("TopicIdPartition", "topic_id_partition"),
        ] {
            assert_eq!(snake_case(camel), snake);
        }
        assert_eq!(upper_snake_case("LeaderAndIsr"), "LEADER_AND_ISR");
        assert_eq!(camel_case("UNKNOWN_SERVER_ERROR"), "UnknownServerError");
        assert_eq!(field_name("Type"), "r#type");
    }
}
