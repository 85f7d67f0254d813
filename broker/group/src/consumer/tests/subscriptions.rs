//! What members want, and what becomes of it.

use alloc::string::ToString;

use super::*;

#[test]
fn a_topic_that_is_not_wanted_any_more_goes_at_once() {
    let mut run = Run::with_topic();
    run.topics.put("u", 2);
    let mut member = client("m", &["t", "u"]);
    member.join(&mut run).expect("a member");
    assert_eq!(member.count(), 8);
    let request = ConsumerHeartbeat {
        topics: Some(vec![TopicName::new("u")]),
        owned: Some(member.owned.clone()),
        ..member.lives()
    };
    member.hear(&mut run, request).expect("a member");
    assert_eq!(member.owns(&run), [("u".to_string(), vec![0, 1])]);
    run.settle(&mut [&mut member]);
    assert_eq!(run.describe_consumers("g").map(|it| it.state), Ok(GroupState::Stable));
}

#[test]
fn partitions_and_topics_that_come_are_assigned_with_the_next_heartbeat() {
    let mut run = Run::with_topic();
    let mut member = client("m", &["t", "later"]);
    member.join(&mut run).expect("a member");
    assert_eq!(member.count(), 6);
    run.topics.put("t", 8);
    run.seconds(2);
    member.beat(&mut run).expect("a member");
    assert_eq!(member.count(), 6, "nobody has told it");
    run.ask(Request::TopicsChanged(vec![TopicName::new("t")]));
    member.beat(&mut run).expect("a member");
    assert_eq!(member.count(), 8);
    run.topics.put("later", 2);
    run.ask(Request::TopicsChanged(vec![TopicName::new("later")]));
    run.seconds(2);
    member.beat(&mut run).expect("a member");
    assert_eq!(member.count(), 10);
    run.topics.remove("t");
    run.ask(Request::TopicsChanged(vec![TopicName::new("t")]));
    run.settle(&mut [&mut member]);
    assert_eq!(member.owns(&run), [("later".to_string(), vec![0, 1])]);
    let epoch = run.describe_consumers("g").expect("a group").epoch;
    run.topics.put("other", 2);
    run.ask(Request::TopicsChanged(vec![TopicName::new("other")]));
    run.settle(&mut [&mut member]);
    assert_eq!(run.describe_consumers("g").map(|it| it.epoch), Ok(epoch), "it does not want that one");
}

#[test]
fn a_pattern_is_looked_up_and_again_when_topics_come() {
    let mut run = Run::with_topic();
    run.topics.put("two", 2);
    let mut member = Client { regex: Some("t.*"), ..client("m", &[]) };
    member.join(&mut run).expect("a member");
    assert_eq!(member.count(), 8);
    run.topics.put("three", 3);
    run.ask(Request::TopicsChanged(vec![TopicName::new("three")]));
    run.seconds(2);
    member.beat(&mut run).expect("a member");
    assert_eq!(member.count(), 11);
    let Some(Group::Consumer(group)) = run.state.group("g") else { panic!() };
    assert_eq!(group.regexes.size(), 1);
    let request = ConsumerHeartbeat {
        regex: Some(Str::EMPTY),
        topics: Some(vec![TopicName::new("two")]),
        owned: Some(member.owned.clone()),
        ..member.lives()
    };
    member.hear(&mut run, request).expect("a member");
    assert_eq!(member.owns(&run), [("two".to_string(), vec![0, 1])]);
    let Some(Group::Consumer(group)) = run.state.group("g") else { panic!() };
    assert_eq!(group.regexes.size(), 0, "nobody has the pattern any more");
}

#[test]
fn a_pattern_matches_what_its_member_may_see() {
    let mut run = Run::with_topic();
    run.topics.put("secret", 2);
    let mut member = Client { regex: Some(".*"), ..client("m", &[]) };
    let joins = ConsumerHeartbeat { reader: reader("outsider"), ..member.joins() };
    member.hear(&mut run, joins).expect("a member");
    assert_eq!(member.owns(&run), [("t".to_string(), vec![0, 1, 2, 3, 4, 5])]);
    // Who comes when it is looked up again sees for all, as in Kafka.
    run.ask(Request::TopicsChanged(vec![TopicName::new("secret")]));
    run.seconds(2);
    member.beat(&mut run).expect("a member");
    assert_eq!(member.count(), 8);
}

#[test]
fn a_pattern_that_is_none_is_refused_and_writes_nothing() {
    let mut run = Run::with_topic();
    let refused = Client { regex: Some("(t"), ..client("m", &[]) }.join(&mut run);
    let text = "SubscribedTopicRegex `(t` is not a valid regular expression: missing closing ).";
    assert_eq!(refused, Err(GroupError::InvalidRegex(Str::from_static(text))));
    assert_eq!((run.log.len(), run.state.groups_count()), (0, 0));
}

#[test]
fn two_members_with_one_pattern_share_what_it_matches() {
    let mut run = Run::with_topic();
    let mut clients = ["a", "b"].map(|id| Client { regex: Some("t.*"), ..client(id, &[]) });
    for client in &mut clients {
        client.join(&mut run).expect("a member");
    }
    let [one, other] = &mut clients;
    run.settle(&mut [one, other]);
    assert_eq!((clients[0].count(), clients[1].count()), (3, 3));
    clients[0].leave(&mut run, -1).expect("left");
    let Some(Group::Consumer(group)) = run.state.group("g") else { panic!() };
    assert_eq!(group.regexes.size(), 1, "the other has it still");
}

#[test]
fn offsets_of_what_a_group_consumes_stay() {
    let mut run = Run::with_topic();
    let mut member = client("m", &["t"]);
    member.join(&mut run).expect("a member");
    let request = commit("g", 5).of(&member.id, member.epoch);
    run.commit(request).expect("committed");
    let topics = ["t", "u"].map(|topic| by_topic(topic, vec![partition(0)])).to_vec();
    let Response::OffsetDelete(Ok(topics)) =
        run.ask(Request::OffsetDelete(OffsetDelete { group: GroupId::new("g"), topics }))
    else {
        panic!()
    };
    assert_eq!(topics[0].partitions[0].result, Err(GroupError::SubscribedToTopic));
    assert_eq!(topics[1].partitions[0].result, Ok(()));
}

#[test]
fn the_sum_of_topics_is_kafkas() {
    use super::super::metadata_hash::of_group;
    let run = Run::new();
    let sum =
        |topics: &[&str]| of_group(&*run.topics, &topics.iter().map(|topic| Str::from(*topic)).collect());
    run.topics.put("foo", 1);
    run.topics.put("ba-r", 2);
    // Computed by Apache Kafka 4.3.1 from an image with these topics, the first partition of each on both racks.
    assert_eq!(sum(&["foo"]), -4_638_511_840_227_980_514);
    assert_eq!(sum(&["foo", "ba-r"]), -6_837_207_927_385_115_495);
    assert_eq!(sum(&["foo", "missing"]), sum(&["foo"]));
    assert_eq!(sum(&["missing"]), 0);
}
