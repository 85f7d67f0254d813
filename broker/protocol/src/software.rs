//! What a client says of itself (KIP-511).

use crate::messages::ApiVersionsRequest;

impl ApiVersionsRequest {
    /// Whether name and version of the client's software are letters, digits, `.` and `-`, beginning and ending with a
    /// letter or digit; where `version` of the request has none, they are in order.
    #[must_use]
    pub fn is_named(&self, version: i16) -> bool {
        const NAMED_SINCE: i16 = 3;
        version < NAMED_SINCE
            || (is_software_text(&self.client_software_name)
                && is_software_text(&self.client_software_version))
    }
}

fn is_software_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}
