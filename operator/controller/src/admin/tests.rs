use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::FutureExt as _;
use parking_lot::Mutex;

use super::*;
use crate::admin::pool::Origin;

/// A cluster that notes what it is asked.
#[derive(Clone, Default)]
struct Fake {
    asked: Arc<Mutex<Vec<String>>>,
    refuses: Option<&'static str>,
}

impl Fake {
    fn note(&self, what: String) -> BoxFuture<'static, Result<(), Failure>> {
        let refused = self.refuses.is_some_and(|refused| what.starts_with(refused));
        self.asked.lock().push(what);
        let failure = Failure { reason: "Refused".to_owned(), message: String::new() };
        async move { if refused { Err(failure) } else { Ok(()) } }.boxed()
    }
}

impl Admin for Fake {
    fn describe<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<Option<ObservedTopic>, Failure>> {
        let noted = self.note(format!("describe {name}"));
        async move { noted.await.map(|()| None) }.boxed()
    }

    fn create<'a>(
        &'a mut self,
        name: &'a str,
        partitions: Option<i32>,
        _: Option<i32>,
        _: &'a BTreeMap<String, String>,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        self.note(format!("create {name} {partitions:?}"))
    }

    fn grow<'a>(&'a mut self, name: &'a str, partitions: i32) -> BoxFuture<'a, Result<(), Failure>> {
        self.note(format!("grow {name} {partitions}"))
    }

    fn alter_config<'a>(
        &'a mut self,
        name: &'a str,
        set: &'a BTreeMap<String, String>,
        unset: &'a [String],
    ) -> BoxFuture<'a, Result<(), Failure>> {
        self.note(format!("alter {name} {set:?} {unset:?}"))
    }

    fn delete<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<(), Failure>> {
        self.note(format!("delete {name}"))
    }
}

#[derive(Default)]
struct Counting(AtomicUsize);

impl Connect for Counting {
    fn connect<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Box<dyn Admin>, Failure>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        async { Ok(Box::new(Fake::default()) as Box<dyn Admin>) }.boxed()
    }
}

#[tokio::test]
async fn actions_are_carried_out_in_order_up_to_the_first_that_fails() {
    let mut fake = Fake { refuses: Some("alter"), ..Fake::default() };
    let asked = fake.asked.clone();
    let actions = [
        TopicAction::AddFinalizer,
        TopicAction::GrowTo(5),
        TopicAction::AlterConfig { set: BTreeMap::new(), unset: vec!["flush.ms".to_owned()] },
        TopicAction::Delete,
    ];
    let failure = carry_out(&mut fake, "t", &actions).await.expect_err("it is refused");
    assert_eq!(failure.reason, "Refused");
    assert_eq!(*asked.lock(), ["grow t 5", "alter t {} [\"flush.ms\"]"]);
}

#[tokio::test]
async fn connections_are_kept_while_they_work() {
    let connect = Arc::new(Counting::default());
    let admins = Admins::new(connect.clone());
    let (admin, origin) = admins.take("a:1").await.expect("a connection");
    assert_eq!(origin, Origin::Fresh);
    admins.give_back("a:1", admin);
    let (admin, origin) = admins.take("a:1").await.expect("a connection");
    assert_eq!((origin, connect.0.load(Ordering::Relaxed)), (Origin::Kept, 1));
    admins.give_back("a:1", admin);
    admins.forget("a:1");
    assert_eq!(admins.take("a:1").await.expect("a connection").1, Origin::Fresh);
}
