//! The codes of requests and records. What this version does not know is `Unknown`, as in Kafka: such a binding is kept
//! and listed, and decides nothing in anyone's favour.

/// An enum of codes with the names that Kafka gives them in its messages.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $code:literal $text:literal $shown:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            /// A code that this version does not know.
            Unknown,
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// What the code stands for.
            #[must_use]
            pub const fn from_code(code: i8) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    _ => Self::Unknown,
                }
            }

            /// The code on the wire.
            #[must_use]
            pub const fn code(self) -> i8 {
                match self {
                    Self::Unknown => 0,
                    $(Self::$variant => $code,)*
                }
            }

            /// The name in messages to people, in capitals.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    Self::Unknown => "UNKNOWN",
                    $(Self::$variant => $text,)*
                }
            }

            /// The name in the audit log and in tools.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    Self::Unknown => "Unknown",
                    $(Self::$variant => $shown,)*
                }
            }
        }
    };
}

codes! {
    /// What kind of thing is guarded.
    ResourceType {
        /// In filters: every kind.
        Any = 1 "ANY" "Any",
        /// A topic.
        Topic = 2 "TOPIC" "Topic",
        /// A group.
        Group = 3 "GROUP" "Group",
        /// The cluster as a whole; its name is [`crate::CLUSTER_NAME`].
        Cluster = 4 "CLUSTER" "Cluster",
        /// A transactional id.
        TransactionalId = 5 "TRANSACTIONAL_ID" "TransactionalId",
        /// A delegation token, by its id.
        DelegationToken = 6 "DELEGATION_TOKEN" "DelegationToken",
        /// A user, as `User:name`.
        User = 7 "USER" "User",
    }
}

codes! {
    /// How a binding's name is compared with a resource's.
    PatternType {
        /// In filters: every type, of exactly the name that is asked for.
        Any = 1 "ANY" "Any",
        /// In filters: whatever bears on the name that is asked for.
        Match = 2 "MATCH" "Match",
        /// The name itself, or `*` for all.
        Literal = 3 "LITERAL" "Literal",
        /// All names that begin so (KIP-290).
        Prefixed = 4 "PREFIXED" "Prefixed",
    }
}

codes! {
    /// What is done.
    Operation {
        /// In filters: every operation.
        Any = 1 "ANY" "Any",
        /// In bindings: every operation.
        All = 2 "ALL" "All",
        /// Read records, be a group's member.
        Read = 3 "READ" "Read",
        /// Write records.
        Write = 4 "WRITE" "Write",
        /// Create topics.
        Create = 5 "CREATE" "Create",
        /// Delete topics, records, groups.
        Delete = 6 "DELETE" "Delete",
        /// Change partitions, bindings, the cluster.
        Alter = 7 "ALTER" "Alter",
        /// See that something is there, and what it is.
        Describe = 8 "DESCRIBE" "Describe",
        /// What brokers do among themselves.
        ClusterAction = 9 "CLUSTER_ACTION" "ClusterAction",
        /// Read configs.
        DescribeConfigs = 10 "DESCRIBE_CONFIGS" "DescribeConfigs",
        /// Change configs.
        AlterConfigs = 11 "ALTER_CONFIGS" "AlterConfigs",
        /// Be an idempotent producer.
        IdempotentWrite = 12 "IDEMPOTENT_WRITE" "IdempotentWrite",
        /// Create tokens for another user (KIP-373).
        CreateTokens = 13 "CREATE_TOKENS" "CreateTokens",
        /// See another user's tokens (KIP-373).
        DescribeTokens = 14 "DESCRIBE_TOKENS" "DescribeTokens",
        /// Leave the end of a transaction to another coordinator (KIP-939).
        TwoPhaseCommit = 15 "TWO_PHASE_COMMIT" "TwoPhaseCommit",
    }
}

codes! {
    /// What a binding does.
    Permission {
        /// In filters: both.
        Any = 1 "ANY" "Any",
        /// Keeps out.
        Deny = 2 "DENY" "Deny",
        /// Lets in.
        Allow = 3 "ALLOW" "Allow",
    }
}

impl ResourceType {
    /// The operations that can be authorized on such a resource (KIP-430).
    #[must_use]
    pub const fn operations(self) -> &'static [Operation] {
        use Operation::{
            Alter, AlterConfigs, ClusterAction, Create, CreateTokens, Delete, Describe, DescribeConfigs,
            DescribeTokens, IdempotentWrite, Read, TwoPhaseCommit, Write,
        };
        match self {
            Self::Topic => &[Read, Write, Create, Delete, Alter, Describe, DescribeConfigs, AlterConfigs],
            Self::Group => &[Read, Delete, Describe, DescribeConfigs, AlterConfigs],
            Self::Cluster => {
                &[Create, Alter, Describe, ClusterAction, DescribeConfigs, AlterConfigs, IdempotentWrite]
            }
            Self::TransactionalId => &[Write, Describe, TwoPhaseCommit],
            Self::DelegationToken => &[Describe],
            Self::User => &[CreateTokens, DescribeTokens],
            Self::Any | Self::Unknown => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_there_and_back_and_unknown_ones_are_unknown() {
        for code in i8::MIN..=i8::MAX {
            let expected = |known: bool| if known { code } else { 0 };
            assert_eq!(ResourceType::from_code(code).code(), expected((1..=7).contains(&code)));
            assert_eq!(PatternType::from_code(code).code(), expected((1..=4).contains(&code)));
            assert_eq!(Operation::from_code(code).code(), expected((1..=15).contains(&code)));
            assert_eq!(Permission::from_code(code).code(), expected((1..=3).contains(&code)));
        }
    }
}
