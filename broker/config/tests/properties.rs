//! Properties files, against what `java.util.Properties` made of 600 made-up ones.
//!
//! A line of the fixture: the text, then keys and values, all as hexadecimal; `-` is empty, `!` an exception.

use broker_config::properties;

fn unhex(text: &str) -> String {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("hex")).expect("below 16");
    let bytes: Vec<u8> = if text == "-" {
        Vec::new()
    } else {
        text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
    };
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn files_mean_what_they_mean_to_java() {
    for line in include_str!("fixtures/properties.txt").lines() {
        let mut fields = line.split(' ');
        let text = unhex(fields.next().expect("a text"));
        let parsed = properties::parse(&text);
        let fields: Vec<_> = fields.collect();
        if fields == ["!"] {
            assert!(parsed.is_err(), "{text:?}");
            continue;
        }
        let javas = fields.chunks(2).map(|pair| (unhex(pair[0]), unhex(pair[1]))).collect();
        assert_eq!(parsed, Ok(javas), "{text:?}");
    }
}
