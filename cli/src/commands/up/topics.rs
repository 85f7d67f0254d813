//! Topics of the manifest, brought about in the cluster by the operator's own planning.

use std::collections::BTreeSet;

use broker_client::{Client, Options};
use operator_api::KafkaTopic;
use operator_controller::admin::{Admin, carry_out, describe, kafka};
use operator_plan::topics::{self, Failure, Rules, Standing, TopicAction};

use crate::manifests::Manifests;

/// Makes the topics what the manifest says, one after the other, and says what was done. A topic that cannot be done
/// does not stop the others.
pub(super) async fn reconcile(bootstrap: &str, manifests: &Manifests) {
    let wanted = &manifests.topics;
    if wanted.is_empty() {
        return;
    }
    let mut admin = match Client::connect(bootstrap, Options::default()).await {
        Ok(client) => kafka(client),
        Err(error) => return eprintln!("klamm: topics: {error}"),
    };
    let settings = manifests.cluster.spec.topic_config_keys.clone();
    let rules = Rules { settings, ..Rules::default() };
    let mut claimed = BTreeSet::new();
    for topic in wanted {
        let name = topic.topic_name();
        let is_first = claimed.insert(name);
        let rival = (!is_first).then_some("before it in the file");
        match one(admin.as_mut(), topic, rival, &rules).await {
            Ok(lines) => lines.iter().for_each(|line| println!("  topic {name}: {line}")),
            Err(failure) => eprintln!("  topic {name}: {}: {}", failure.reason, failure.message),
        }
    }
}

async fn one(
    admin: &mut dyn Admin,
    topic: &KafkaTopic,
    rival: Option<&str>,
    rules: &Rules,
) -> Result<Vec<String>, Failure> {
    let name = topic.topic_name();
    let observed = if topics::concerns_kafka(topic, rival) { describe(admin, name).await? } else { None };
    let plan = topics::plan(topic, observed.as_ref(), rival, rules);
    carry_out(admin, name, &plan.actions).await?;
    let mut lines: Vec<_> = plan.actions.iter().filter_map(done).collect();
    match &plan.standing {
        Standing::Managed if lines.is_empty() => lines.push("is as it should be".to_owned()),
        Standing::Managed | Standing::Going => {}
        Standing::Changing { message } => lines.push(message.clone()),
        Standing::Refused { reason, message } => lines.push(format!("refused: {reason}: {message}")),
        Standing::Paused => lines.push("paused".to_owned()),
        Standing::Unmanaged => lines.push("not managed".to_owned()),
    }
    lines.extend(plan.warnings.iter().map(|warning| warning.message.clone()));
    Ok(lines)
}

/// What an action did, in words.
fn done(action: &TopicAction) -> Option<String> {
    match action {
        TopicAction::Create { partitions, config, .. } => {
            let partitions = partitions.map_or_else(
                || "the default number of partitions".to_owned(),
                |count| format!("{count} partition{}", if count == 1 { "" } else { "s" }),
            );
            Some(format!("created with {partitions}{}", settings(config.iter())))
        }
        TopicAction::GrowTo(partitions) => Some(format!("grown to {partitions} partitions")),
        TopicAction::AlterConfig { set, unset } => {
            let unset: String = unset.iter().map(|key| format!(", {key} back to its default")).collect();
            Some(format!("changed{}{unset}", settings(set.iter())))
        }
        TopicAction::Reassign(moves) => Some(format!("{} partitions get other brokers", moves.len())),
        TopicAction::Delete => Some("deleted".to_owned()),
        // There is no resource beside the file.
        TopicAction::AddFinalizer | TopicAction::RemoveFinalizer => None,
    }
}

fn settings<'a>(config: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    config.map(|(key, value)| format!(", {key}={value}")).collect()
}

/// Says which topics are not in the file any more: they stay, for a slip in an editor must not delete records.
pub(super) fn say_kept(before: &[KafkaTopic], after: &[KafkaTopic]) {
    let after: BTreeSet<_> = after.iter().map(KafkaTopic::topic_name).collect();
    for topic in before.iter().map(KafkaTopic::topic_name).filter(|name| !after.contains(name)) {
        println!(
            "  topic {topic}: not in the file any more; it is kept (klamm topic delete {topic} deletes it)"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn actions_are_said_in_words() {
        let config = BTreeMap::from([("retention.ms".to_owned(), "1000".to_owned())]);
        let create = TopicAction::Create { partitions: Some(3), replicas: None, config: config.clone() };
        assert_eq!(done(&create).as_deref(), Some("created with 3 partitions, retention.ms=1000"));
        let alter = TopicAction::AlterConfig { set: config, unset: vec!["cleanup.policy".to_owned()] };
        let said = "changed, retention.ms=1000, cleanup.policy back to its default";
        assert_eq!(done(&alter).as_deref(), Some(said));
        assert_eq!(done(&TopicAction::AddFinalizer), None);
    }
}
