//! Frames that are almost right, of somebody who knows no password.

use alloc::{string::ToString as _, vec::Vec};

use super::*;
use crate::{BearerLogin, BearerRefused, ScramCredential, Secret, TokenLogin, nonce};

const ROUNDS: usize = 4000;

/// Users whose passwords nobody knows.
struct Unknowable;

impl Credentials for Unknowable {
    fn password(&self, _: &str) -> Option<Secret> {
        Some(Secret::new("unknowable"))
    }

    fn scram(&self, mechanism: ScramMechanism, _: &str) -> Option<ScramCredential> {
        ScramCredential::of_salted_password(mechanism, b"unknowable", Bytes::from_static(b"salt"), 4096).ok()
    }

    fn bearer(&self, _: &str) -> Result<BearerLogin, BearerRefused> {
        Err(BearerRefused::Invalid)
    }

    fn token(&self, mechanism: ScramMechanism, id: &str) -> Option<TokenLogin> {
        let credential = self.scram(mechanism, id)?;
        Some(TokenLogin { owner: "owner".into(), credential, expires: Timestamp::from_millis(9_000) })
    }
}

/// A small generator: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// Up to three bytes are others, or gone, or more.
    fn spoilt(&mut self, frame: &[u8]) -> Bytes {
        let mut bytes = frame.to_vec();
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len() + 1);
            let byte = u8::try_from(self.below(256)).unwrap();
            match self.below(4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, byte),
                _ if at < bytes.len() => bytes[at] = byte,
                _ => {}
            }
        }
        bytes.into()
    }
}

fn frames(numbers: &mut Numbers) -> Vec<Bytes> {
    let version = i16::from(numbers.below(4) > 0);
    let said =
        |text: &str| if version == 0 { Bytes::from(text.to_string()) } else { token(text.to_string(), 2) };
    let last = format!("c=biws,r=x{},p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", nonce(&RANDOM));
    let tokens = if numbers.below(2) == 0 {
        vec![handshake("PLAIN", version), said("\0alice\0guess")]
    } else {
        vec![handshake("SCRAM-SHA-256", version), said("n,,n=alice,r=x"), said(&last)]
    };
    [vec![versions(3)], tokens].concat()
}

#[test]
fn garbage_lets_nobody_in() {
    let mut numbers = Numbers(1);
    let mut refused = 0;
    for round in 0..ROUNDS {
        let mut machine = Authenticator::new(enabled(None));
        for frame in frames(&mut numbers) {
            let frame = numbers.spoilt(&frame);
            match machine.on_frame(frame, at(Mono::from_micros(10)), &RANDOM, &Unknowable) {
                Action::Accept(..) => panic!("round {round} let somebody in"),
                Action::Refuse(..) | Action::Close(_) => {
                    refused += 1;
                    break;
                }
                Action::Serve | Action::Reply(_) => {}
            }
        }
    }
    // The others lost a frame that would have been judged.
    assert!(refused > ROUNDS * 9 / 10, "{refused} of {ROUNDS} were refused");
}
