//! What the generated code relies on. (That it is what the schema says is a test of `tests/tidy`.)

use broker_schema::{Schema, snake_case};

#[test]
fn no_field_is_called_like_a_local_of_the_generated_code() {
    let schema = Schema::load(&Schema::folder()).expect("the schema loads");
    let mut seen = 0;
    for message in schema.messages() {
        for field in message.all_structs().iter().flat_map(|(.., fields)| fields.iter()) {
            let name = snake_case(&field.name);
            let locals = ["r", "w", "v", "it", "tag", "flexible"];
            assert!(!locals.contains(&name.as_str()), "{}.{name}", message.name);
            seen += 1;
        }
    }
    assert!(seen > 2000, "{seen} fields");
}
