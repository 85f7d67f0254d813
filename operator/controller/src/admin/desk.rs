//! Where many ask one cluster: what is asked while an answer is on its way goes out together with the next request, so
//! thousands of events become few requests, without anybody waiting for company.
//!
//! Invariants: one task and one connection a cluster; at most `WAITING_MAX` changes wait, and whoever has more to ask
//! waits at the door; changes that the cluster puts off (KIP-599) wait as long as it says, while questions go on.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::Arc,
    time::Duration,
};

use operator_plan::standing::Failure;
use parking_lot::Mutex;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

use super::{Admin, Connect, Described, Refusal, Ware, batch};
use crate::tasks::{Kind, spawn};

/// The reason of a failure that is not Kafka's answer: there was none.
pub(crate) const UNREACHABLE: &str = "Unreachable";
/// How many jobs may lie at the door of a desk.
const DOOR_MAX: usize = 1024;
/// How many changes a desk takes in.
const WAITING_MAX: usize = 2048;
/// How long a change may be put off before whoever asked for it hears of that.
const PATIENCE: Duration = Duration::from_secs(120);

enum Job<W: Ware> {
    Describe(Question<W>),
    Change(Change<W>),
}

struct Question<W: Ware> {
    name: String,
    reply: oneshot::Sender<Described<W>>,
}

struct Change<W: Ware> {
    name: String,
    action: W::Change,
    since: Instant,
    reply: oneshot::Sender<Result<(), Failure>>,
}

/// The desks of all clusters for one kind of things.
pub struct Desks<W: Ware> {
    connect: Arc<dyn Connect<W>>,
    open: Mutex<HashMap<String, Desk<W>>>,
}

impl<W: Ware> fmt::Debug for Desks<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desks").field("clusters", &self.open.lock().len()).finish_non_exhaustive()
    }
}

impl<W: Ware> Desks<W> {
    /// No desks yet; `connect` opens their connections.
    #[must_use]
    pub fn new(connect: Arc<dyn Connect<W>>) -> Self {
        Self { connect, open: Mutex::default() }
    }

    /// The desk of the cluster at `bootstrap`.
    pub(crate) fn at(&self, bootstrap: &str) -> Desk<W> {
        let mut open = self.open.lock();
        let desk = open.entry(bootstrap.to_owned()).or_insert_with(|| Desk::open(&self.connect, bootstrap));
        desk.clone()
    }

    /// Closes the desk of a cluster that may be gone, once those who ask there have their answers.
    pub(crate) fn forget(&self, bootstrap: &str) {
        self.open.lock().remove(bootstrap);
    }
}

/// Where one cluster is asked.
pub(crate) struct Desk<W: Ware> {
    door: mpsc::Sender<Job<W>>,
    _task: Arc<AbortOnDropHandle<()>>,
}

impl<W: Ware> Clone for Desk<W> {
    fn clone(&self) -> Self {
        Self { door: self.door.clone(), _task: self._task.clone() }
    }
}

impl<W: Ware> Desk<W> {
    fn open(connect: &Arc<dyn Connect<W>>, bootstrap: &str) -> Self {
        let (door, jobs) = mpsc::channel(DOOR_MAX);
        let clerk = Clerk {
            connect: connect.clone(),
            bootstrap: bootstrap.to_owned(),
            admin: None,
            questions: Vec::new(),
            changes: VecDeque::new(),
            not_before: None,
        };
        let task = AbortOnDropHandle::new(spawn(Kind::Desk, clerk.work(jobs)));
        Self { door, _task: Arc::new(task) }
    }

    /// The one of this name as it is.
    pub(crate) async fn describe(&self, name: &str) -> Described<W> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Describe(Question { name: name.to_owned(), reply })).await?;
        answer.await.map_err(|_| closed())?
    }

    /// Carries out the actions that concern Kafka, in order, and stops at the first that fails.
    pub(crate) async fn carry_out(&self, name: &str, actions: &[W::Change]) -> Result<(), Failure> {
        for action in actions {
            if !W::is_for_kafka(action) {
                continue;
            }
            let (reply, answer) = oneshot::channel();
            let change =
                Change { name: name.to_owned(), action: action.clone(), since: Instant::now(), reply };
            self.ask(Job::Change(change)).await?;
            answer.await.map_err(|_| closed())??;
        }
        Ok(())
    }

    async fn ask(&self, job: Job<W>) -> Result<(), Failure> {
        self.door.send(job).await.map_err(|_| closed())
    }
}

fn closed() -> Failure {
    Failure { reason: UNREACHABLE.to_owned(), message: "the connection to the cluster was closed".to_owned() }
}

/// Whoever asked may be gone.
fn reply<W: Ware>(questions: Vec<Question<W>>, answers: impl Iterator<Item = Described<W>>) {
    for (question, answer) in questions.into_iter().zip(answers) {
        let _ = question.reply.send(answer);
    }
}

/// Who works at a desk.
struct Clerk<W: Ware> {
    connect: Arc<dyn Connect<W>>,
    bootstrap: String,
    admin: Option<Box<dyn Admin<W>>>,
    questions: Vec<Question<W>>,
    changes: VecDeque<Change<W>>,
    /// Until when the cluster takes no changes.
    not_before: Option<Instant>,
}

/// What comes next at a desk.
enum Next<W: Ware> {
    Job(Option<Job<W>>),
    MayGoOn,
}

impl<W: Ware> Clerk<W> {
    async fn work(mut self, mut jobs: mpsc::Receiver<Job<W>>) {
        loop {
            match self.next(&mut jobs).await {
                Next::Job(None) => return,
                Next::Job(Some(job)) => self.take_in(job),
                Next::MayGoOn => self.not_before = None,
            }
            // Those who were woken together are heard together.
            tokio::task::yield_now().await;
            while self.changes.len() < WAITING_MAX
                && self.questions.len() < DOOR_MAX
                && let Ok(job) = jobs.try_recv()
            {
                self.take_in(job);
            }
            self.answer().await;
            while self.not_before.is_none() && !self.changes.is_empty() {
                self.change().await;
            }
        }
    }

    async fn next(&mut self, jobs: &mut mpsc::Receiver<Job<W>>) -> Next<W> {
        let has_room = self.changes.len() < WAITING_MAX;
        let until = self.not_before.unwrap_or_else(Instant::now);
        tokio::select! {
            biased;
            () = sleep_until(until), if self.not_before.is_some() => Next::MayGoOn,
            job = jobs.recv(), if has_room => Next::Job(job),
        }
    }

    fn take_in(&mut self, job: Job<W>) {
        match job {
            Job::Describe(question) => self.questions.push(question),
            Job::Change(change) => self.changes.push_back(change),
        }
    }

    /// Answers all questions. A connection that was kept may be dead: a fresh one is tried then.
    async fn answer(&mut self) {
        let mut questions = std::mem::take(&mut self.questions);
        questions.retain(|question| !question.reply.is_closed());
        while !questions.is_empty() {
            let rest = questions.split_off(questions.len().min(batch::NAMES_MAX));
            let names: Vec<_> = questions.iter().map(|question| question.name.as_str()).collect();
            let was_open = self.admin.is_some();
            let mut answers = self.describe(&names).await;
            if answers.is_err() && was_open {
                answers = self.describe(&names).await;
            }
            match answers {
                Ok(answers) => reply(questions, answers.into_iter()),
                // Whom nobody answers now nobody answers a moment later.
                Err(failure) => {
                    questions.extend(rest);
                    return reply(questions, std::iter::repeat(Err(failure)));
                }
            }
            questions = rest;
        }
    }

    async fn describe(&mut self, names: &[&str]) -> Result<Vec<Described<W>>, Failure> {
        let answers = self.admin().await?.describe(names).await;
        if answers.is_err() {
            self.admin = None;
        }
        answers
    }

    async fn admin(&mut self) -> Result<&mut Box<dyn Admin<W>>, Failure> {
        let admin = match self.admin.take() {
            Some(admin) => admin,
            None => self.connect.connect(&self.bootstrap).await?,
        };
        Ok(self.admin.insert(admin))
    }

    /// Makes as many changes as go into one request. What the cluster puts off waits at its place.
    async fn change(&mut self) {
        self.changes.retain(|change| !change.reply.is_closed());
        if self.changes.is_empty() {
            return;
        }
        let count = W::batch(self.changes.iter().map(|change| &change.action));
        let changes: Vec<_> = self.changes.drain(..count).collect();
        let asked: Vec<_> = changes.iter().map(|change| (change.name.as_str(), &change.action)).collect();
        let answers = match self.admin().await {
            Ok(admin) => admin.change(&asked).await,
            Err(failure) => vec![Err(Refusal { failure, retry_after: None }); changes.len()],
        };
        let now = Instant::now();
        let mut put_off = Vec::new();
        for (change, answer) in changes.into_iter().zip(answers) {
            match answer {
                Err(Refusal { retry_after: Some(time), .. }) if now < change.since + PATIENCE => {
                    let until = now + time;
                    self.not_before = Some(self.not_before.map_or(until, |before| before.max(until)));
                    put_off.push(change);
                }
                Err(Refusal { failure, .. }) => {
                    if failure.reason == UNREACHABLE {
                        self.admin = None;
                    }
                    let _ = change.reply.send(Err(failure));
                }
                Ok(()) => {
                    let _ = change.reply.send(Ok(()));
                }
            }
        }
        put_off.into_iter().rev().for_each(|change| self.changes.push_front(change));
    }
}
