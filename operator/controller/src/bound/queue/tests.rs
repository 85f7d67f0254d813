use std::time::Duration;

use super::*;

fn name(name: &str) -> Arc<ObjectName> {
    Arc::new(ObjectName { namespace: "n".to_owned(), name: name.to_owned() })
}

fn ask(queue: &mut Queue, names: &[&str], why: Why) {
    names.iter().for_each(|one| queue.ask(&name(one), why));
}

/// All that may be looked at now, in order.
fn taken(queue: &mut Queue) -> Vec<String> {
    std::iter::from_fn(|| queue.take()).map(|(name, _)| name.name.clone()).collect()
}

fn done(queue: &mut Queue, one: &str, why: Why, at: Option<Instant>) {
    queue.done(&name(one), why, at);
}

#[test]
fn news_comes_before_turns_and_each_of_them_in_its_order() {
    let mut queue = Queue::default();
    ask(&mut queue, &["a", "b", "c"], Why::Turn);
    ask(&mut queue, &["d", "b", "d"], Why::News);
    ask(&mut queue, &["b"], Why::Turn);
    assert_eq!(taken(&mut queue), ["d", "b", "a", "c"], "each of them once");
}

#[test]
fn what_is_asked_for_while_it_is_looked_at_is_looked_at_again_afterwards() {
    let mut queue = Queue::default();
    ask(&mut queue, &["a"], Why::Turn);
    assert_eq!(taken(&mut queue), ["a"]);
    ask(&mut queue, &["a", "a"], Why::News);
    ask(&mut queue, &["a"], Why::Turn);
    assert_eq!(taken(&mut queue), Vec::<String>::new());
    let soon = Instant::now() + Duration::from_secs(5);
    done(&mut queue, "a", Why::Turn, Some(soon));
    assert_eq!(queue.next_time(), None, "it does not wait for its time");
    assert_eq!(queue.take(), Some((name("a"), Why::News)));
    done(&mut queue, "a", Why::News, None);
    assert_eq!(taken(&mut queue), Vec::<String>::new(), "it rests");
}

#[test]
fn one_whose_time_has_come_is_looked_at_and_news_does_not_wait_for_it() {
    let mut queue = Queue::default();
    ask(&mut queue, &["a", "b"], Why::News);
    assert_eq!(taken(&mut queue), ["a", "b"]);
    let now = Instant::now();
    let at = |seconds| now + Duration::from_secs(seconds);
    done(&mut queue, "a", Why::News, Some(at(10)));
    done(&mut queue, "b", Why::News, Some(at(20)));
    queue.due(at(9));
    assert_eq!((taken(&mut queue), queue.next_time()), (Vec::new(), Some(at(10))));
    ask(&mut queue, &["b"], Why::News);
    queue.due(at(10));
    assert_eq!(taken(&mut queue), ["b", "a"]);
    done(&mut queue, "b", Why::News, None);
    queue.due(at(20));
    assert_eq!(taken(&mut queue), Vec::<String>::new(), "its former time is no time any more");
}

#[test]
fn turns_leave_room_for_news() {
    let mut queue = Queue::default();
    let names: Vec<_> = (0..LOOKS_MAX).map(|number| number.to_string()).collect();
    names.iter().for_each(|one| queue.ask(&name(one), Why::Turn));
    assert_eq!(taken(&mut queue).len(), TURNS_MAX);
    let news: Vec<_> = (0..LOOKS_MAX).map(|number| format!("news {number}")).collect();
    news.iter().for_each(|one| queue.ask(&name(one), Why::News));
    assert_eq!(taken(&mut queue).len(), LOOKS_MAX - TURNS_MAX);
    done(&mut queue, "0", Why::Turn, None);
    assert_eq!(queue.take().map(|(_, why)| why), Some(Why::News), "a place that comes free is news' first");
}

#[test]
fn what_is_gone_is_forgotten_wherever_it_is() {
    let mut queue = Queue::default();
    let later = Instant::now() + Duration::from_secs(1);
    ask(&mut queue, &["looked at", "made anew", "rests", "at a time"], Why::News);
    assert_eq!(taken(&mut queue).len(), 4);
    done(&mut queue, "rests", Why::News, None);
    done(&mut queue, "at a time", Why::News, Some(later));
    ask(&mut queue, &["asked for"], Why::Turn);
    for one in ["looked at", "made anew", "rests", "at a time", "asked for"] {
        queue.forget(&name(one));
    }
    ask(&mut queue, &["made anew"], Why::News);
    assert_eq!(taken(&mut queue), Vec::<String>::new(), "who has its name is not looked at beside it");
    done(&mut queue, "looked at", Why::News, Some(later));
    done(&mut queue, "made anew", Why::News, Some(later));
    assert_eq!(taken(&mut queue), ["made anew"]);
    done(&mut queue, "made anew", Why::News, None);
    queue.due(later);
    assert_eq!((taken(&mut queue), queue.states.len(), queue.looks), (Vec::new(), 0, 0));
}
