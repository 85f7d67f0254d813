//! What the API server was asked, from its audit log: who changed what.
//!
//! The API server writes an entry before it answers the request, so whatever a test has seen the effect of is there.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use serde_json::Value;

use crate::install::OPERATOR_NAMESPACE;
use crate::kube::Kube;

/// A place in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(u64);

/// A request that changed something, or tried to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation {
    /// `create`, `update`, `patch`, `delete` or `deletecollection`.
    pub verb: String,
    /// Resource with its subresource: `pods`, `kafkatopics/status`.
    pub resource: String,
    /// Namespace and name of the object.
    pub object: String,
    /// HTTP status of the answer.
    pub code: u64,
}

const MUTATING: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];

/// Questions that Kubernetes words as `create`.
const QUESTIONS: &[&str] = &["subjectaccessreviews", "selfsubjectaccessreviews", "tokenreviews"];

impl Kube {
    /// The end of the audit log at this moment.
    pub fn audit_mark(&self) -> Mark {
        Mark(self.audit_log().metadata().expect("the audit log has a size").len())
    }

    /// The mutating requests since the mark of one user, such as
    /// `system:serviceaccount:klamm-system:klamm`. Answers to dry runs are not changes and are left out.
    pub fn mutations_since(&self, mark: Mark, user: &str) -> Vec<Mutation> {
        self.audit_since(mark)
            .iter()
            .filter(|entry| entry["user"]["username"] == user)
            .filter(|entry| !entry["requestURI"].as_str().unwrap_or_default().contains("dryRun=All"))
            .filter_map(mutation)
            .collect()
    }

    /// What one user changed since the mark: leases apart, and apart from namespaces other than `namespace` and the
    /// operator's: those of earlier tests may still be going, and what is in them with them.
    pub fn changes_since(&self, mark: Mark, user: &str, namespace: &str) -> Vec<Mutation> {
        let is_of_another_test = |mutation: &Mutation| {
            let place = mutation.object.split('/').next().unwrap_or_default();
            ![namespace, OPERATOR_NAMESPACE, ""].contains(&place)
        };
        let mut changes = self.mutations_since(mark, user);
        changes.retain(|mutation| mutation.resource != "leases" && !is_of_another_test(mutation));
        changes
    }

    /// What the API server refused one user for want of a right since the mark: "verb resource". A namespace that is
    /// being deleted takes nothing new from anybody, whatever their rights.
    pub fn forbidden_since(&self, mark: Mark, user: &str) -> Vec<String> {
        let is_going = |entry: &Value| {
            let causes = entry["responseStatus"]["details"]["causes"].as_array();
            causes.is_some_and(|causes| causes.iter().any(|cause| cause["reason"] == "NamespaceTerminating"))
        };
        self.audit_since(mark)
            .iter()
            .filter(|entry| entry["user"]["username"] == user && entry["responseStatus"]["code"] == 403)
            .filter(|entry| !is_going(entry))
            .map(|entry| format!("{} {}", text(&entry["verb"]), text(&entry["requestURI"])))
            .collect()
    }

    fn audit_log(&self) -> File {
        File::open(self.directory().join("logs/audit.log")).expect("the API server writes an audit log")
    }

    fn audit_since(&self, Mark(offset): Mark) -> Vec<Value> {
        let mut log = self.audit_log();
        log.seek(SeekFrom::Start(offset)).expect("the mark lies in the log");
        let mut entries = String::new();
        log.read_to_string(&mut entries).expect("the log is text");
        // The last line may still be on its way: it is of a request that nobody has an answer to.
        entries.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

fn mutation(entry: &Value) -> Option<Mutation> {
    let verb = text(&entry["verb"]);
    let at = &entry["objectRef"];
    let kind = text(&at["resource"]);
    if !MUTATING.contains(&verb.as_str()) || QUESTIONS.contains(&kind.as_str()) {
        return None;
    }
    let resource = match at["subresource"].as_str() {
        Some(part) => format!("{kind}/{part}"),
        None => kind,
    };
    let object = format!("{}/{}", text(&at["namespace"]), text(&at["name"]));
    Some(Mutation { verb, resource, object, code: entry["responseStatus"]["code"].as_u64().unwrap_or(0) })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
