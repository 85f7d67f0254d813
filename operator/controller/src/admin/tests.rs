use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::{FutureExt as _, future::join_all};
use operator_plan::topics::{ObservedTopic, TopicAction};
use parking_lot::Mutex;

use super::*;

/// A cluster that notes what it is asked, and answers as it is told to.
#[derive(Clone, Default)]
struct Fake {
    asked: Arc<Mutex<Vec<String>>>,
    /// Begins of changes that are refused.
    refuses: Option<&'static str>,
    /// How many changes are put off yet, one of each request.
    puts_off: Arc<AtomicUsize>,
    /// How many questions go unanswered yet.
    is_dead_for: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

fn one_less(count: &AtomicUsize) -> bool {
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1)).is_ok()
}

fn said(action: &TopicAction) -> String {
    match action {
        TopicAction::GrowTo(count) => format!("grow to {count}"),
        TopicAction::AlterConfig { set, unset } => format!("alter {set:?} {unset:?}"),
        other => format!("{other:?}"),
    }
}

impl Admin for Fake {
    fn describe<'a>(
        &'a mut self,
        names: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<Described<Topics>>, Failure>> {
        async move {
            tokio::task::yield_now().await;
            if one_less(&self.is_dead_for) {
                return Err(Failure { reason: UNREACHABLE.to_owned(), message: String::new() });
            }
            self.asked.lock().push(format!("describe {}", names.len()));
            let id = |name: &&str| ObservedTopic { id: Some((*name).to_owned()), ..ObservedTopic::default() };
            Ok(names.iter().map(|name| Ok(Some(id(name)))).collect())
        }
        .boxed()
    }

    fn change<'a>(
        &'a mut self,
        changes: &'a [(&'a str, &'a TopicAction)],
    ) -> BoxFuture<'a, Vec<Result<(), Refusal>>> {
        async move {
            tokio::task::yield_now().await;
            let mut puts_off = one_less(&self.puts_off);
            let mut one = |(name, action): &(&str, &TopicAction)| {
                let failure =
                    |reason: &str| Failure { reason: reason.to_owned(), message: (*name).to_owned() };
                let said = said(action);
                if self.refuses.is_some_and(|refused| said.starts_with(refused)) {
                    return Err(Refusal { failure: failure("Refused"), retry_after: None });
                }
                if std::mem::take(&mut puts_off) {
                    let retry_after = Some(Duration::from_secs(3));
                    return Err(Refusal { failure: failure("ThrottlingQuotaExceeded"), retry_after });
                }
                Ok(())
            };
            let answers: Vec<_> = changes.iter().map(&mut one).collect();
            let done = answers.iter().filter(|answer| answer.is_ok()).count();
            let first = changes.first().map(|(_, action)| said(action)).unwrap_or_default();
            self.asked.lock().push(format!("{first}: {done} of {}", changes.len()));
            answers
        }
        .boxed()
    }
}

impl Connect<Topics> for Fake {
    fn connect<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Box<dyn Admin>, Failure>> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Box::new(self.clone()) as Box<dyn Admin>) }.boxed()
    }
}

fn desk(fake: &Fake) -> Desk<Topics> {
    Desks::new(Arc::new(fake.clone())).at("a:1")
}

#[tokio::test]
async fn actions_are_carried_out_in_order_up_to_the_first_that_fails() {
    let mut fake = Fake { refuses: Some("alter"), ..Fake::default() };
    let actions = [
        TopicAction::AddFinalizer,
        TopicAction::GrowTo(5),
        TopicAction::AlterConfig { set: BTreeMap::new(), unset: vec!["flush.ms".to_owned()] },
        TopicAction::Delete,
    ];
    let expected = ["grow to 5: 1 of 1", "alter {} [\"flush.ms\"]: 0 of 1"];
    let failure = desk(&fake).carry_out("t", &actions).await.expect_err("it is refused");
    assert_eq!((failure.reason.as_str(), failure.message.as_str()), ("Refused", "t"));
    assert_eq!(*fake.asked.lock(), expected);
    fake.asked.lock().clear();
    carry_out(&mut fake, "t", &actions[1..]).await.expect_err("it is refused");
    assert_eq!(*fake.asked.lock(), expected);
}

#[tokio::test]
async fn thousands_of_questions_become_few_requests() {
    let fake = Fake::default();
    let desk = desk(&fake);
    let names: Vec<_> = (0..5000).map(|number| format!("topic-{number}")).collect();
    let answers = join_all(names.iter().map(|name| desk.describe(name))).await;
    for (name, answer) in names.iter().zip(answers) {
        assert_eq!(answer.expect("an answer").expect("a topic").id.as_ref(), Some(name), "each has its own");
    }
    let requests = fake.asked.lock().len();
    assert!(requests <= 100, "{requests} requests");
    assert_eq!(fake.connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_change_that_is_refused_fails_nobody_elses() {
    let fake = Fake { refuses: Some("grow to 3"), ..Fake::default() };
    let desk = desk(&fake);
    let one = |count: i32| {
        let desk = desk.clone();
        async move { desk.carry_out(&format!("t{count}"), &[TopicAction::GrowTo(count)]).await }
    };
    let done = join_all((2..5).map(one)).await;
    assert_eq!(done.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(done[1].as_ref().expect_err("it is refused").message, "t3");
}

#[tokio::test(start_paused = true)]
async fn changes_that_are_put_off_wait_as_long_as_the_cluster_says_while_questions_go_on() {
    let fake = Fake::default();
    fake.puts_off.store(2, Ordering::Relaxed);
    let desk = desk(&fake);
    let begin = tokio::time::Instant::now();
    let changer = desk.clone();
    let change = async move { changer.carry_out("t", &[TopicAction::Delete]).await };
    let question = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        desk.describe("u").await.expect("an answer");
        begin.elapsed()
    };
    let (changed, answered) = tokio::join!(change, question);
    changed.expect("it is made in the end");
    assert!(answered < Duration::from_secs(2), "{answered:?}");
    assert_eq!(begin.elapsed().as_secs(), 6, "twice three seconds");
    let expected = ["Delete: 0 of 1", "describe 1", "Delete: 0 of 1", "Delete: 1 of 1"];
    assert_eq!(*fake.asked.lock(), expected);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_put_off_for_too_long_hears_of_it() {
    let fake = Fake::default();
    fake.puts_off.store(usize::MAX, Ordering::Relaxed);
    let failure = desk(&fake).carry_out("t", &[TopicAction::Delete]).await.expect_err("it is never made");
    assert_eq!(failure.reason, "ThrottlingQuotaExceeded");
}

#[tokio::test]
async fn a_connection_that_died_is_opened_anew() {
    let fake = Fake::default();
    let desk = desk(&fake);
    desk.describe("t").await.expect("an answer");
    fake.is_dead_for.store(1, Ordering::Relaxed);
    desk.describe("t").await.expect("an answer over a fresh connection");
    assert_eq!(fake.connections.load(Ordering::Relaxed), 2);
    fake.is_dead_for.store(9, Ordering::Relaxed);
    assert_eq!(desk.describe("t").await.expect_err("nobody answers").reason, UNREACHABLE);
}
