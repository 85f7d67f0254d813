//! What the parser understands, and which lines it refuses with their number.

use super::*;

const SAMPLE: &str = "\
# A family.

request SampleRequest key=7 versions=1-4 flexible=3+ listeners=broker,controller unstable
  Topics []Topic 0+ null=2+
    Name string 0+ key entity=topicName
  Cursor Place 2+ tag=1@3+ ignorable
  Timeout int32 0-1 default=-1
  struct Place 0+
    Partition int32 0+
";

#[test]
fn a_message_with_all_its_parts() {
    let messages = parse(SAMPLE).expect("understood");
    let [message] = messages.as_slice() else { panic!("one message") };
    assert_eq!(
        (message.name.as_str(), message.key, message.latest_unstable),
        ("SampleRequest", Some(7), true)
    );
    assert_eq!(message.listeners, [Listener::Broker, Listener::Controller]);
    let [topics, cursor, timeout] = message.fields.as_slice() else { panic!("three fields") };
    assert_eq!(topics.ty, Type::Array(Box::new(Type::Struct("Topic".to_owned()))));
    assert!(topics.fields[0].map_key && topics.is_optional());
    assert_eq!(cursor.tag.expect("tagged").id, 1);
    assert_eq!(timeout.default, Default::Literal("-1".to_owned()));
    let names: Vec<_> = message.all_structs().iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(names, ["SampleRequest", "Topic", "Place"]);
}

#[test]
fn a_wrong_line_is_named() {
    let cases = [
        ("question X versions=0", 1),
        ("data X versions=0\n  A int32", 2),
        ("data X versions=0\n  A int32 0+ colour=red", 2),
        ("data X versions=0\n  A string 0+ default=null", 2),
        ("data X versions=0\n    A int32 0+", 2),
        ("data X versions=0\n  A int23 0+", 1),
        ("data X versions=0\n  A int32 0+\n    B int32 0+", 2),
    ];
    for (text, line) in cases {
        assert_eq!(parse(text).expect_err(text).line, line, "{text}");
    }
}
