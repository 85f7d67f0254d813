//! The work of one controller: hears what changes, and looks at who is to be looked at.

use std::{pin::pin, sync::Arc, time::Duration};

use futures::{FutureExt as _, Stream, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use kube::runtime::watcher::{self, Event};
use operator_plan::claims::ObjectName;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{
    Guarded, Kind, Lookup, RETRY,
    objects::Objects,
    queue::{Queue, Why},
    report::Again,
    turns::Turns,
    wakes::Wake,
};
use crate::malformed;

/// How long the loop may wait where nobody has a time.
const LONG: Duration = Duration::from_secs(3600);

/// A look that has ended.
struct Looked {
    name: Arc<ObjectName>,
    why: Why,
    again: Again,
}

/// What comes next.
#[allow(clippy::large_enum_variant, reason = "there is one at a time")]
enum Next<K: Kind> {
    Stop,
    Looked(Looked),
    Heard(Result<Event<Guarded<K>>, watcher::Error>),
    Woken(Wake),
    Named(ObjectName),
    Time,
}

/// Who works.
pub(super) struct Control<K: Kind> {
    lookup: Arc<Lookup>,
    /// The namespace whose resources these are; `None` for all.
    scope: Option<String>,
    objects: Objects<K>,
    /// Whether the first list is complete: who of several decides is not known before.
    is_complete: bool,
    queue: Queue,
    turns: Turns,
    looks: FuturesUnordered<BoxFuture<'static, Looked>>,
}

impl<K: Kind> Control<K> {
    pub(super) fn new(lookup: Lookup, scope: Option<&str>) -> Self {
        let turns = Turns::new(Instant::now(), lookup.context.resync);
        Self {
            lookup: Arc::new(lookup),
            scope: scope.map(str::to_owned),
            objects: Objects::new(),
            is_complete: false,
            queue: Queue::default(),
            turns,
            looks: FuturesUnordered::new(),
        }
    }

    /// Works until it is told to stop; looks that have begun come to their end.
    pub(super) async fn work(
        mut self,
        events: impl Stream<Item = Result<Event<Guarded<K>>, watcher::Error>>,
        woken: impl Stream<Item = Wake>,
        named: impl Stream<Item = ObjectName>,
        stop: CancellationToken,
    ) {
        let (mut events, mut woken, mut named) = (pin!(events), pin!(woken), pin!(named));
        loop {
            self.begin();
            let until = self.queue.next_time().unwrap_or_else(|| Instant::now() + LONG);
            let next = tokio::select! {
                biased;
                () = stop.cancelled() => Next::Stop,
                Some(looked) = self.looks.next() => Next::Looked(looked),
                Some(event) = events.next() => Next::Heard(event),
                Some(wake) = woken.next() => Next::Woken(wake),
                Some(name) = named.next() => Next::Named(name),
                () = sleep_until(until) => Next::Time,
            };
            match next {
                Next::Stop => break,
                Next::Looked(looked) => self.end(looked),
                Next::Heard(Ok(event)) => self.hear(event),
                Next::Heard(Err(error)) => tracing::debug!(%error, kind = %K::kind(&()), "watch"),
                Next::Woken(wake) => self.wake(wake),
                Next::Named(name) => self.ask(&name, Why::News),
                Next::Time => self.queue.due(Instant::now()),
            }
        }
        while self.looks.next().await.is_some() {}
    }

    /// Begins as many looks as there is room for.
    fn begin(&mut self) {
        while self.is_complete
            && let Some((name, why)) = self.queue.take()
        {
            match self.objects.get(&name) {
                Some(object) => {
                    let look = look::<K>(self.lookup.clone(), object);
                    self.looks.push(look.map(move |again| Looked { name, why, again }).boxed());
                }
                None => self.queue.done(&name, why, None),
            }
        }
    }

    fn end(&mut self, Looked { name, why, again }: Looked) {
        let now = Instant::now();
        let at = match again {
            Again::AtNews => None,
            Again::After(time) => Some(now + time),
            Again::InTurn => Some(self.turns.next(now, self.objects.cluster(&name))),
        };
        self.queue.done(&name, why, at);
    }

    fn hear(&mut self, event: Event<Guarded<K>>) {
        K::wakes(&self.lookup.context).hear(&event);
        match event {
            Event::Init => self.objects.begin_list(),
            Event::InitApply(object) => self.put(object, Why::Turn),
            Event::Apply(object) => self.put(object, Why::News),
            Event::Delete(object) => self.forget(&super::name_of(&object)),
            Event::InitDone => {
                for gone in self.objects.end_list() {
                    self.queue.forget(&gone);
                }
                let is_there = |name: &ObjectName| self.objects.name(name).is_some();
                K::wakes(&self.lookup.context).keep(self.scope.as_deref(), is_there);
                self.is_complete = true;
            }
        }
    }

    fn put(&mut self, object: Guarded<K>, why: Why) {
        let (name, is_news) = self.objects.put(object);
        if is_news {
            self.queue.ask(&name, why);
        }
    }

    fn forget(&mut self, name: &ObjectName) {
        if let Some(name) = self.objects.remove(name) {
            self.queue.forget(&name);
        }
    }

    fn wake(&mut self, wake: Wake) {
        match wake {
            Wake::Named(names) => names.iter().for_each(|name| self.ask(name, Why::News)),
            Wake::Cluster(cluster) => {
                let names = K::wakes(&self.lookup.context).names_of(&cluster);
                names.iter().for_each(|name| self.ask(name, Why::Turn));
            }
        }
    }

    /// Asks for a look at one that is there.
    fn ask(&mut self, name: &ObjectName, why: Why) {
        if let Some(name) = self.objects.name(name) {
            self.queue.ask(&name, why);
        }
    }
}

/// Looks at one; when it is to be looked at again.
async fn look<K: Kind>(lookup: Arc<Lookup>, object: Guarded<K>) -> Again {
    let context = &lookup.context;
    let _timer = K::seconds(&context.metrics).start_timer();
    let name = super::name_of(&object);
    let result = match &object.0 {
        Ok(object) => K::reconcile(&lookup, object).await,
        Err(invalid) => malformed::report::<K>(context, invalid).await.map(|()| ("malformed", Again::AtNews)),
    };
    let kind = K::kind(&());
    let (result, again) = result.unwrap_or_else(|error| {
        tracing::warn!(%kind, %name, %error, "looked at again soon");
        ("retried", Again::After(RETRY))
    });
    context.metrics.reconciles.with_label_values(&[kind.as_ref(), result]).inc();
    again
}
