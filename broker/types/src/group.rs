//! Group ids.

use crate::text::text;

text!(
    /// The name of a consumer, share or streams group. May be empty (an old client's default group).
    GroupId
);
