//! Small models of Kafka's own clients.

mod assigning;
mod classic;
mod consumer;
mod copier;
pub(super) mod embedded;
mod feeder;
mod follower;
mod member;
mod produced;
mod reader;
mod reading;
mod transactional;
pub(super) mod value;
mod writer;

use self::{copier::Copier, feeder::Feeder, follower::Follower, reader::Reader, writer::Writer};
use super::{
    message::Answer,
    world::{Item, World},
};

/// What each lane is for: membership, producing or committing, reading.
pub(super) const MEMBER: usize = 0;
pub(super) const WORK: usize = 1;
pub(super) const READ: usize = 2;

pub(super) const COUNT: usize = 14;

/// Whether a client is the second instance of another, and runs at times only.
pub(super) const fn is_twin(client: usize) -> bool {
    matches!(client, 4 | 8)
}

/// A client's process.
#[derive(Debug)]
pub(super) enum Client {
    Feeder(Feeder),
    Writer(Box<Writer>),
    Copier(Box<Copier>),
    Follower(Box<Follower>),
    Reader(Reader),
}

impl Client {
    fn new(world: &mut World, client: usize) -> Self {
        match client {
            0 | 1 => Self::Feeder(Feeder::new(world, client)),
            2..=4 => Self::Writer(Box::new(Writer::new(world, client))),
            5..=8 => Self::Copier(Box::new(Copier::new(world, client))),
            9..=11 => Self::Follower(Box::new(Follower::new(world, client))),
            _ => Self::Reader(Reader::new(world, client, client == 12)),
        }
    }

    /// It does what there is to do.
    pub(super) fn turn(&mut self, world: &mut World) {
        match self {
            Self::Feeder(feeder) => feeder.turn(world),
            Self::Writer(writer) => writer.turn(world),
            Self::Copier(copier) => copier.turn(world),
            Self::Follower(follower) => follower.turn(world),
            Self::Reader(reader) => reader.turn(world),
        }
    }

    /// It hears an answer on a lane, or has waited too long.
    pub(super) fn heard(&mut self, world: &mut World, lane: usize, answer: Option<Answer>) {
        let answer = answer.as_ref();
        match self {
            Self::Feeder(feeder) => feeder.heard(world, answer),
            Self::Writer(writer) => writer.heard(world, answer),
            Self::Copier(copier) => copier.heard(world, lane, answer),
            Self::Follower(follower) => follower.heard(world, lane, answer),
            Self::Reader(reader) => reader.heard(world, answer),
        }
    }

    pub(super) const fn is_member(&self) -> bool {
        matches!(self, Self::Copier(_) | Self::Follower(_))
    }

    pub(super) const fn is_in_transaction(&self) -> bool {
        match self {
            Self::Writer(writer) => writer.is_in_transaction(),
            Self::Copier(copier) => copier.is_in_transaction(),
            _ => false,
        }
    }

    /// It says that it goes.
    pub(super) fn leave(&mut self, world: &mut World) {
        match self {
            Self::Copier(copier) => copier.leave(world),
            Self::Follower(follower) => follower.leave(world),
            _ => {}
        }
    }

    /// Whether it has ended what it began.
    pub(super) fn is_done(&self) -> Result<(), String> {
        match self {
            Self::Feeder(feeder) => feeder.is_done(),
            Self::Writer(writer) => writer.is_done(),
            Self::Copier(copier) => copier.is_done(),
            Self::Follower(_) | Self::Reader(_) => Ok(()),
        }
    }
}

impl World {
    pub(super) fn start_client(&mut self, client: usize) {
        if self.endpoints[client].is_up {
            return;
        }
        self.endpoints[client].is_up = true;
        self.endpoints[client].paused_until = 0;
        let life = self.endpoints[client].life;
        let started = Client::new(self, client);
        self.clients[client] = Some(started);
        self.after(1, Item::Turn { client, life });
    }
}
