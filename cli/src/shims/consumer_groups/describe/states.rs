//! Where a group stands, as a table.

use broker_client::admin::groups::Group;

use super::{MISSING, longest, or_missing};

pub(super) fn table(group: &Group, is_verbose: bool) -> String {
    let (id, address) = &group.coordinator;
    let coordinator = format!("{address}  ({id})");
    let group_width = longest(15, std::iter::once(group.id.as_str()));
    let coordinator_width = longest(25, std::iter::once(coordinator.as_str()));
    let line = |[group, coordinator, assignor, state, epoch, target, members]: [&str; 7]| {
        let epochs = if is_verbose { format!("{epoch:<15} {target:<25} ") } else { String::new() };
        format!(
            "\n{group:<group_width$} {coordinator:<coordinator_width$} {assignor:<20} {state:<20} {epochs}{members}"
        )
    };
    let head = line([
        "GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS",
    ]);
    let row = line([
        &group.id,
        &coordinator,
        if group.assignor.is_empty() { MISSING } else { &group.assignor },
        group.state.name(),
        &or_missing(group.epochs.map(|(epoch, _)| epoch)),
        &or_missing(group.epochs.map(|(_, target)| target)),
        &group.members.len().to_string(),
    ]);
    format!("{head}{row}\n")
}
