//! The answers of one connection that are not sent yet, in the order of their requests.

use std::{
    collections::VecDeque,
    future::{Future as _, poll_fn},
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use crate::{api::Answer, outbox::Outbox, transport::Transport};

/// Answers that are there, or under way behind one that is.
#[derive(Debug, Default)]
pub(super) struct Answers {
    queue: VecDeque<Answer>,
    /// For how long the client is to be throttled by what was sent.
    throttle: Option<Duration>,
}

impl Answers {
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// For how long the client is throttled by the answers taken since this was asked last.
    pub(super) fn take_throttle(&mut self) -> Option<Duration> {
        self.throttle.take()
    }

    pub(super) fn push(&mut self, answer: Answer) {
        self.queue.push_back(answer);
    }

    /// Takes what is there to the outbox, up to the first that waits.
    ///
    /// # Errors
    /// When nothing can be sent, or the connection is to end: all before is sent then.
    pub(super) async fn queue_ready(
        &mut self,
        outbox: &mut Outbox,
        transport: &mut Transport,
    ) -> io::Result<()> {
        while let Some(answer) = self.pop_ready().await {
            let answer = match answer {
                Answer::Throttled(answer, throttle) => {
                    self.throttle = self.throttle.max(Some(throttle));
                    *answer
                }
                other => other,
            };
            match answer {
                Answer::Reply(parts) | Answer::NotController(parts) => outbox.queue(parts),
                // None that is there, and throttled once.
                Answer::Later(_) | Answer::Throttled(..) | Answer::Silence => {}
                Answer::Close(reason) => {
                    outbox.flush(transport).await?;
                    return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
                }
            }
        }
        Ok(())
    }

    async fn pop_ready(&mut self) -> Option<Answer> {
        let is_ready = poll_fn(|context| Poll::Ready(self.poll_first(context).is_ready())).await;
        if is_ready { self.queue.pop_front() } else { None }
    }

    /// Waits until the first is there; at once where there is none.
    pub(super) async fn first_is_ready(&mut self) {
        poll_fn(|context| self.poll_first(context)).await;
    }

    fn poll_first(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(first) = self.queue.front_mut() else { return Poll::Ready(()) };
        while let Answer::Later(deferred) = first {
            match Pin::new(deferred).poll(context) {
                Poll::Ready(answer) => *first = answer,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::{
        io::AsyncReadExt as _,
        net::{TcpListener, TcpStream},
        sync::oneshot,
    };

    use super::*;
    use crate::{api::Deferred, outbox::Outgoing};

    fn reply(text: &'static str) -> Answer {
        Answer::Reply(vec![Outgoing::Bytes(Bytes::from_static(text.as_bytes()))])
    }

    fn later() -> (oneshot::Sender<&'static str>, Answer) {
        let (sender, receiver) = oneshot::channel();
        let answer = async move { receiver.await.map_or(Answer::Silence, reply) };
        (sender, Answer::Later(Deferred::new(answer)))
    }

    async fn pair() -> (Transport, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (here, there) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (Transport::Plain(here.unwrap()), there.unwrap().0)
    }

    #[tokio::test]
    async fn an_answer_waits_for_those_before_it() {
        let (mut stream, mut client) = pair().await;
        let (mut answers, mut outbox) = (Answers::default(), Outbox::default());
        let ((first, first_answer), (second, second_answer)) = (later(), later());
        answers.push(first_answer);
        answers.push(second_answer);
        answers.push(reply("c"));
        second.send("b").unwrap();
        answers.queue_ready(&mut outbox, &mut stream).await.unwrap();
        assert_eq!((answers.len(), outbox.len_bytes()), (3, 0));
        first.send("a").unwrap();
        answers.first_is_ready().await;
        answers.queue_ready(&mut outbox, &mut stream).await.unwrap();
        outbox.flush(&mut stream).await.unwrap();
        let mut sent = [0; 3];
        client.read_exact(&mut sent).await.unwrap();
        assert_eq!((&sent, answers.is_empty()), (b"abc", true));
    }

    #[tokio::test]
    async fn what_came_before_the_end_is_sent() {
        let (mut stream, mut client) = pair().await;
        let (mut answers, mut outbox) = (Answers::default(), Outbox::default());
        answers.push(reply("a"));
        answers.push(Answer::Close("why".to_owned()));
        let ended = answers.queue_ready(&mut outbox, &mut stream).await.unwrap_err();
        assert_eq!(ended.to_string(), "why");
        drop(stream);
        let mut sent = Vec::new();
        client.read_to_end(&mut sent).await.unwrap();
        assert_eq!(sent, b"a");
    }
}
