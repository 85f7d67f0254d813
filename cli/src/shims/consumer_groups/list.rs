//! `--list`.

use anyhow::Result;
use broker_client::{
    Client,
    admin::groups::{GroupListing, GroupState, GroupType},
};

use super::{super::options::Options, Failure, twice_wrapped, wrapped};

/// The states that groups of consumers can be in.
const STATES: [GroupState; 7] = [
    GroupState::PreparingRebalance,
    GroupState::Empty,
    GroupState::Assigning,
    GroupState::Reconciling,
    GroupState::Stable,
    GroupState::Dead,
    GroupState::CompletingRebalance,
];
const TYPES: [GroupType; 2] = [GroupType::Consumer, GroupType::Classic];

pub(super) async fn run(client: &mut Client, options: &Options) -> Result<()> {
    let with = (options.has("type"), options.has("state"));
    if with == (false, false) {
        for group in client.list_consumer_groups(&[], &[]).await.map_err(twice_wrapped)? {
            println!("{}", group.id);
        }
        return Ok(());
    }
    let types = wanted(options.value("type"), "types", &TYPES, GroupType::parse)?;
    let states = wanted(options.value("state"), "state", &STATES, GroupState::parse)?;
    let groups = client.list_consumer_groups(&states, &types).await.map_err(wrapped)?;
    print!("{}", table(&groups, with));
    Ok(())
}

/// What a list of names means, when there is one.
fn wanted<T: Copy + PartialEq + ToString>(
    list: Option<&str>,
    what: &str,
    valid: &[T],
    parse: fn(&str) -> T,
) -> Result<Vec<T>, Failure> {
    let Some(list) = list.filter(|list| !list.is_empty()) else { return Ok(Vec::new()) };
    let all: Vec<_> = list.split(',').map(|name| parse(name.trim())).collect();
    if all.iter().all(|one| valid.contains(one)) {
        return Ok(all);
    }
    let names = valid.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let plural = if what.ends_with('s') { what.to_owned() } else { format!("{what}s") };
    Err(Failure(format!("Invalid {what} list '{list}'. Valid {plural} are: {names}")))
}

fn table(groups: &[GroupListing], (with_type, with_state): (bool, bool)) -> String {
    let longest = groups.iter().map(|group| group.id.len().max(15)).max().unwrap_or(15) + 10;
    let row = |id: &str, group_type: &str, state: &str| {
        let mut row = format!("{id:<longest$}");
        if with_type {
            row += &format!(" {group_type:<20}");
        }
        if with_state {
            row += &format!(" {state:<20}");
        }
        row + "\n"
    };
    let rows = groups.iter().map(|group| row(&group.id, group.group_type.name(), group.state.name()));
    std::iter::once(row("GROUP", "TYPE", "STATE")).chain(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_none_are_refused_with_those_that_are() {
        let states =
            |list| wanted(Some(list), "state", &STATES, GroupState::parse).map_err(|Failure(reason)| reason);
        assert_eq!(states("empty, STABLE").unwrap(), [GroupState::Empty, GroupState::Stable]);
        assert_eq!(
            states("nope").unwrap_err(),
            "Invalid state list 'nope'. Valid states are: PreparingRebalance, Empty, Assigning, Reconciling, Stable, \
             Dead, CompletingRebalance"
        );
        let types =
            wanted(Some("share"), "types", &TYPES, GroupType::parse).map_err(|Failure(reason)| reason);
        assert_eq!(types.unwrap_err(), "Invalid types list 'share'. Valid types are: Consumer, Classic");
    }

    #[test]
    fn columns_are_as_wide_as_the_longest_group_and_ten() {
        let group = GroupListing {
            id: "a-group-of-20-chars.".to_owned(),
            protocol_type: "consumer".to_owned(),
            state: GroupState::Empty,
            group_type: GroupType::Classic,
        };
        assert_eq!(
            table(&[group], (true, false)),
            "GROUP                          TYPE                \n\
             a-group-of-20-chars.           Classic             \n"
        );
        assert_eq!(table(&[], (false, true)), "GROUP                     STATE               \n");
    }
}
