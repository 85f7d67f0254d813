//! `kafka-acls.sh`: access control entries.

mod entries;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufRead as _,
    process::ExitCode,
};

use anyhow::{Error, Result};
use broker_client::{
    Client,
    admin::acls::{AclBinding, AclFilter},
};

use self::entries::{Entry, Pattern, Resource, Wanted, Wrong, patterns, principals, wanted};
use super::{
    Script, connect,
    exceptions::thrown,
    options::{Failure, Options, Spec, Unreadable, flag, value},
};

static SPEC: Spec = Spec {
    about: "This tool helps to manage acls on kafka.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "The servers to start from"),
        value("bootstrap-controller", "HOST:PORT", "The controllers to start from"),
        value("command-config", "FILE", "Properties for the client"),
        flag("add", "Add entries"),
        flag("remove", "Remove entries"),
        flag("list", "List entries"),
        value("topic", "TOPIC", "Entries of this topic; * for all"),
        flag("cluster", "Entries of the cluster"),
        value("group", "GROUP", "Entries of this group; * for all"),
        value("transactional-id", "ID", "Entries of this transactional id; * for all"),
        value("delegation-token", "TOKEN", "Entries of this delegation token; * for all"),
        value("user-principal", "TYPE:NAME", "Entries of this user as a resource"),
        value("resource-pattern-type", "TYPE", "literal, prefixed, or of filters any, match"),
        value("allow-principal", "TYPE:NAME", "Who is let in; User:* for all"),
        value("deny-principal", "TYPE:NAME", "Who is kept out; User:* for all"),
        value("principal", "TYPE:NAME", "With --list: only entries of this one"),
        value("allow-host", "ADDRESS", "From where who is let in comes"),
        value("deny-host", "ADDRESS", "From where who is kept out comes"),
        value("operation", "NAME", "What may be done: Read, Write, …; All when nothing is said"),
        flag("producer", "What producers need: Write, Describe and Create of topics"),
        flag("consumer", "What consumers need: Read and Describe of topics, Read of groups"),
        flag("idempotent", "With --producer: be an idempotent one too"),
        flag("force", "Do not ask"),
    ],
};

const SCRIPT: Script = Script { spec: &SPEC, check, report };

pub(super) fn main(arguments: &[String]) -> ExitCode {
    SCRIPT.run(arguments, run)
}

fn report(error: &Error) {
    let words = match error.downcast_ref() {
        Some(Unreadable(path)) => path.clone(),
        None => thrown(error),
    };
    println!("Error while executing ACL command: {words}");
}

fn check(options: &Options) -> Result<(), Failure> {
    let refuse = |reason: &str| Err(Failure(reason.to_owned()));
    match options.count_of(&["bootstrap-server", "bootstrap-controller"]) {
        0 => return refuse("One of --bootstrap-server or --bootstrap-controller must be specified"),
        1 => {}
        _ => return refuse("Only one of --bootstrap-server or --bootstrap-controller must be specified"),
    }
    if options.count_of(&["add", "remove", "list"]) != 1 {
        return refuse("Command must include exactly one action: --list, --add, --remove. ");
    }
    let inferred = ["operation", "deny-principal", "deny-host"];
    let entry = ["producer", "consumer", "allow-host", "allow-principal", "deny-host", "deny-principal"];
    for (one, others) in [("list", &entry[..]), ("producer", &inferred), ("consumer", &inferred)] {
        if options.has(one)
            && let Some(other) = others.iter().find(|other| options.has(other))
        {
            return Err(Failure(format!("Option \"[{one}]\" can't be used with option \"[{other}]\"")));
        }
    }
    if options.has("principal") && !options.has("list") {
        return refuse("The --principal option is only available if --list is set");
    }
    if options.has("producer") && !options.has("topic") {
        return refuse("With --producer you must specify a --topic");
    }
    if options.has("idempotent") && !options.has("producer") {
        return refuse("The --idempotent option is only available if --producer is set");
    }
    let of_others = !options.has("producer") && options.count_of(&["cluster", "transactional-id"]) > 0;
    if options.has("consumer") && (options.count_of(&["topic", "group"]) != 2 || of_others) {
        return refuse(
            "With --consumer you must specify a --topic and a --group and no --cluster or --transactional-id option \
             should be specified.",
        );
    }
    match wanted(options) {
        Ok(wanted) if options.has("add") && wanted.values().any(BTreeSet::is_empty) => {
            refuse("You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.")
        }
        Err(Wrong::Usage(failure)) => Err(failure),
        // Said when it comes to it.
        Ok(_) | Err(Wrong::Value(_)) => Ok(()),
    }
}

async fn run(options: &Options) -> Result<()> {
    let mut client = connect(options, "kafka-acls").await?;
    if options.has("add") {
        add(&mut client, options).await
    } else if options.has("remove") {
        remove(&mut client, options).await
    } else {
        list(&mut client, options).await
    }
}

/// Adds what is not there yet.
async fn add(client: &mut Client, options: &Options) -> Result<()> {
    let mut missing = Wanted::new();
    for (resource, mut entries) in wanted(options)? {
        let present = client.describe_acls(&resource.filter()).await?.into_iter().map(Entry::of);
        let present: BTreeSet<_> = present.filter(|entry| entries.remove(entry)).collect();
        for entry in present {
            let pattern = resource.shown("ResourcePattern");
            println!("Acl (pattern={pattern}, entry={entry}) already exists.");
        }
        if !entries.is_empty() {
            missing.insert(resource, entries);
        }
    }
    for (resource, entries) in missing {
        println!(
            "Adding ACLs for resource `{}`: \n {} \n",
            resource.shown("ResourcePattern"),
            lines(&entries)
        );
        let bindings: Vec<_> = entries.iter().map(|entry| entry.binding(&resource)).collect();
        client.create_acls(&bindings).await?;
    }
    Ok(())
}

async fn remove(client: &mut Client, options: &Options) -> Result<()> {
    for (resource, entries) in wanted(options)? {
        let shown = resource.shown("ResourcePattern");
        let question = if entries.is_empty() {
            format!("Are you sure you want to delete all ACLs for resource filter `{shown}`? (y/n)")
        } else {
            let entries = lines(&entries);
            format!(
                "Are you sure you want to remove ACLs: \n {entries} \n from resource filter `{shown}`? (y/n)"
            )
        };
        if !options.has("force") && !is_confirmed(&question)? {
            continue;
        }
        let filters: Vec<_> = match entries.is_empty() {
            true => vec![resource.filter()],
            false => entries.iter().map(|entry| entry.filter(&resource)).collect(),
        };
        client.delete_acls(&filters).await?;
    }
    Ok(())
}

fn is_confirmed(question: &str) -> Result<bool> {
    println!("{question}");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

async fn list(client: &mut Client, options: &Options) -> Result<()> {
    let filters: Vec<_> = patterns(options)?.iter().map(Resource::filter).collect();
    let mut found: BTreeMap<Resource, BTreeSet<Entry>> = BTreeMap::new();
    for filter in if filters.is_empty() { vec![AclFilter::any()] } else { filters } {
        for binding in client.describe_acls(&filter).await? {
            let AclBinding { resource_type, resource_name, pattern_type, .. } = &binding;
            let resource = Resource {
                kind: *resource_type,
                name: resource_name.clone(),
                pattern: Pattern::from_code(*pattern_type),
            };
            found.entry(resource).or_default().insert(Entry::of(binding));
        }
    }
    let of = principals(options, "principal")?;
    if of.is_empty() {
        show(&found, |_| true);
    }
    for principal in of {
        println!("ACLs for principal `{principal}`");
        show(&found, |entry| entry.principal == principal);
    }
    Ok(())
}

fn show(found: &BTreeMap<Resource, BTreeSet<Entry>>, is_shown: impl Fn(&Entry) -> bool) {
    for (resource, entries) in found {
        let entries: BTreeSet<_> = entries.iter().filter(|entry| is_shown(entry)).cloned().collect();
        if !entries.is_empty() {
            println!(
                "Current ACLs for resource `{}`: \n {} \n",
                resource.shown("ResourcePattern"),
                lines(&entries)
            );
        }
    }
}

fn lines(entries: &BTreeSet<Entry>) -> String {
    entries.iter().map(|entry| format!("\t{entry}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(line: &str) -> Result<(), String> {
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        check(&Options::parse(&SPEC, &words).map_err(|failure| failure.0)?).map_err(|failure| failure.0)
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let ok = "--bootstrap-server a:1 --add --allow-principal User:a --topic t";
        assert_eq!(checked(ok), Ok(()));
        for (line, reason) in [
            ("--add --topic t", "One of --bootstrap-server or --bootstrap-controller must be specified"),
            (
                "--bootstrap-server a:1 --add --list",
                "Command must include exactly one action: --list, --add, --remove. ",
            ),
            (
                "--bootstrap-server a:1 --add --producer --topic t --operation Read",
                "Option \"[producer]\" can't be used with option \"[operation]\"",
            ),
            ("--bootstrap-server a:1 --add --producer", "With --producer you must specify a --topic"),
            (
                "--bootstrap-server a:1 --add --topic t",
                "You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.",
            ),
        ] {
            assert_eq!(checked(line), Err(reason.to_owned()), "{line}");
        }
    }
}
