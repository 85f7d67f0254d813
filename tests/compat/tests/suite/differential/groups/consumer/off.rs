//! `group.version` 0: there are no groups of KIP-848.

use super::*;

#[test]
fn groups_of_kip_848_are_refused() -> Result<()> {
    let levels = ["group.version=0"];
    let mut pair = Pair::with_levels(&levels, &[("offsets.topic.num.partitions", "1")])?;
    for broker in [&pair.apache, &pair.tested] {
        broker.find_coordinator("any")?;
    }
    let joins = Beat::joins("modern", "m");
    for (name, beat) in [
        ("it joins", joins.clone()),
        ("it lives", Beat::lives("modern", "m", 1)),
        ("it leaves", Beat::lives("modern", "m", -1)),
        ("without a group", Beat { group: "", ..joins.clone() }),
        ("with an assignor that is not there", Beat { assignor: Some("odd"), ..joins }),
    ] {
        pair.beat(name, &beat)?;
    }
    pair.look("one", &["modern"])?;
    pair.look("none", &[])?;
    pair.look("some", &["modern", ""])?;
    pair.finish();
    Ok(())
}
