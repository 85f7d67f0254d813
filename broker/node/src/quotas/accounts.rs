//! What payers used, each on an account of its own.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_protocol::Str;
use broker_types::Mono;

use super::Windows;

/// Who pays: a user, a client id, or one as the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Payer {
    /// The principal's name, where users have quotas.
    pub user: Option<Str>,
    /// What the client calls itself, where clients have quotas.
    pub client: Option<Str>,
}

impl Payer {
    pub(super) fn new(user: Option<&str>, client: Option<&str>) -> Self {
        Self { user: user.map(Str::from), client: client.map(Str::from) }
    }
}

/// The accounts of one quota: a rate or a bucket of each payer.
///
/// An account that was not used for as long as its windows last says nothing: it is dropped when room is needed. Where too
/// many payers are active, those are forgotten that did nothing for the longest time.
#[derive(Clone, Debug)]
pub struct Accounts<K, M> {
    windows: Windows,
    accounts_max: usize,
    /// So many accounts make it look for those that say nothing.
    sweep_at: usize,
    by_payer: BTreeMap<K, Account<M>>,
}

#[derive(Clone, Debug)]
struct Account<M> {
    used_at: Mono,
    meter: M,
}

/// Fewer are not worth looking through.
const SWEEP_MIN: usize = 64;

impl<K: Ord + Clone, M: Default> Accounts<K, M> {
    /// No accounts, and never more than `accounts_max`.
    #[must_use]
    pub fn new(windows: Windows, accounts_max: usize) -> Self {
        let accounts_max = accounts_max.max(1);
        Self { windows, accounts_max, sweep_at: SWEEP_MIN.min(accounts_max), by_payer: BTreeMap::new() }
    }

    /// The windows that are measured in.
    #[must_use]
    pub fn windows(&self) -> Windows {
        self.windows
    }

    /// How many accounts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_payer.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_payer.is_empty()
    }

    /// The account of a payer, which uses it now.
    pub fn of(&mut self, now: Mono, payer: &K) -> &mut M {
        if !self.by_payer.contains_key(payer) {
            self.make_room(now);
        }
        let fresh = || Account { used_at: now, meter: M::default() };
        let account = self.by_payer.entry(payer.clone()).or_insert_with(fresh);
        account.used_at = account.used_at.max(now);
        &mut account.meter
    }

    /// Every account that says something, with when it was used last.
    pub fn iter(&mut self, now: Mono) -> impl Iterator<Item = (&K, &mut M)> {
        self.sweep(now);
        self.by_payer.iter_mut().map(|(payer, account)| (payer, &mut account.meter))
    }

    fn make_room(&mut self, now: Mono) {
        if self.by_payer.len() < self.sweep_at {
            return;
        }
        self.sweep(now);
        if self.by_payer.len() >= self.accounts_max {
            let mut uses: Vec<Mono> = self.by_payer.values().map(|account| account.used_at).collect();
            uses.sort_unstable();
            let since = uses.get(uses.len() / 2).copied().unwrap_or(now);
            self.by_payer.retain(|_, account| account.used_at > since);
        }
        self.sweep_at = self.by_payer.len().saturating_mul(2).max(SWEEP_MIN).min(self.accounts_max);
    }

    fn sweep(&mut self, now: Mono) {
        let span = self.windows.span();
        self.by_payer.retain(|_, account| now.since(account.used_at) < span);
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use crate::quotas::Rate;

    const WINDOWS: Windows = Windows { count: 11, length: Duration::from_secs(1) };

    fn at(millis: u64) -> Mono {
        Mono::from_micros(millis * 1_000)
    }

    fn client(id: u64) -> Payer {
        Payer::new(None, Some(&alloc::format!("c{id}")))
    }

    #[test]
    fn many_client_ids_do_not_grow_without_limit() {
        let mut accounts: Accounts<Payer, Rate> = Accounts::new(WINDOWS, 1_000);
        for id in 0..100_000 {
            accounts.of(at(id / 100), &client(id)).record(WINDOWS, at(id / 100), 1.0);
            assert!(accounts.len() <= 1_000);
        }
        assert!(accounts.of(at(999), &client(99_999)).measure(WINDOWS, at(999)) > 0.0, "the last is there");
    }

    #[test]
    fn an_account_is_dropped_when_it_says_nothing_any_more() {
        let mut accounts: Accounts<Payer, Rate> = Accounts::new(WINDOWS, 1_000);
        for id in 0..63 {
            accounts.of(at(0), &client(id));
        }
        accounts.of(at(10_999), &client(0));
        accounts.of(at(11_000), &client(100));
        assert_eq!(accounts.len(), 64, "there is room");
        accounts.of(at(11_000), &client(101));
        assert_eq!(accounts.len(), 3);
        assert_eq!(accounts.iter(at(21_999)).count(), 2);
    }

    #[test]
    fn who_did_nothing_for_the_longest_time_is_forgotten_first() {
        let mut accounts: Accounts<Payer, Rate> = Accounts::new(WINDOWS, 100);
        accounts.of(at(0), &client(0)).record(WINDOWS, at(0), 7.0);
        for id in 1..100 {
            accounts.of(at(id), &client(id));
        }
        accounts.of(at(200), &client(0));
        accounts.of(at(201), &client(100));
        assert!(accounts.len() < 100);
        assert!(accounts.of(at(201), &client(0)).measure(WINDOWS, at(201)) > 0.0);
    }
}
