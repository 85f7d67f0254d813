//! What a node's configuration says about authorization.

use alloc::{collections::BTreeSet, string::String};

/// The part of the rules that is not in bindings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    super_users: BTreeSet<String>,
    allows_everyone: bool,
}

/// A super user that is not written as `type:name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSuperUser(pub String);

impl Rules {
    /// Rules of the texts of `super.users` (principals, separated by semicolons) and `allow.everyone.if.no.acl.found`.
    ///
    /// # Errors
    /// The first super user that is no principal.
    pub fn new(super_users: &str, allow_everyone: &str) -> Result<Self, InvalidSuperUser> {
        let named = super_users.split(';').map(str::trim).filter(|name| !name.is_empty());
        let mut users = BTreeSet::new();
        for name in named {
            if !name.contains(':') {
                return Err(InvalidSuperUser(name.into()));
            }
            users.insert(name.into());
        }
        Ok(Self { super_users: users, allows_everyone: allow_everyone.trim().eq_ignore_ascii_case("true") })
    }

    /// Whether this principal may do everything.
    #[must_use]
    pub fn is_super_user(&self, principal: &str) -> bool {
        self.super_users.contains(principal)
    }

    /// Whether everyone may do everything with a resource without bindings.
    #[must_use]
    pub fn allows_everyone(&self) -> bool {
        self.allows_everyone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn super_users_are_separated_by_semicolons() {
        let rules = Rules::new(" User:a; User:CN=b,O=c ;;User:d:e", "").unwrap();
        for name in ["User:a", "User:CN=b,O=c", "User:d:e"] {
            assert!(rules.is_super_user(name), "{name}");
        }
        assert!(!rules.is_super_user("User:b") && !rules.is_super_user(""));
        assert_eq!(Rules::new("User:a;bob", ""), Err(InvalidSuperUser("bob".into())));
        assert!(!Rules::default().is_super_user("User:ANONYMOUS"));
    }

    #[test]
    fn only_true_lets_everyone_in() {
        for (text, expected) in
            [("true", true), (" TRUE ", true), ("", false), ("yes", false), ("false", false)]
        {
            assert_eq!(Rules::new("", text).unwrap().allows_everyone(), expected, "{text}");
        }
    }
}
