//! `klamm storage`: data directories before a broker runs on them.

use std::{io::Read as _, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use broker_server::{
    DirectoryInfo, FirstVoters, FormattedDirectory, Holds, InitialControllers, MetadataVersion,
    format_storage, storage_info,
};
use broker_types::{ClusterId, Uuid};
use clap::{Args, Subcommand};

use super::broker::read_properties;
use crate::{first_features::first_features, first_scram::add_scram};

/// What to do with data directories.
#[derive(Subcommand)]
pub(crate) enum Storage {
    /// Give the directories of a node their identity
    Format(Format),
    /// Tell what is in the directories of a node
    Info(Info),
    /// Print a random id, for a new cluster
    RandomUuid,
}

#[derive(Args)]
pub(crate) struct Format {
    /// Kafka's server.properties
    #[arg(short, long)]
    config: PathBuf,
    /// The cluster's id; a random one when not given
    #[arg(short = 't', long)]
    cluster_id: Option<String>,
    /// Make this node the quorum of a new cluster
    #[arg(short, long, conflicts_with = "initial_controllers")]
    standalone: bool,
    /// Make these the quorum of a new cluster: id@host:port:directoryId,... with this node among them
    #[arg(short = 'I', long)]
    initial_controllers: Option<String>,
    /// Pass over what is formatted
    #[arg(short = 'g', long)]
    ignore_formatted: bool,
    /// The new cluster's features, as in this release of Kafka, such as 4.3; the latest when not given
    #[arg(short, long)]
    release_version: Option<String>,
    /// A feature's level in the new cluster, NAME=LEVEL; as often as needed
    #[arg(short, long)]
    feature: Vec<String>,
    /// A user of the new cluster, SCRAM-SHA-512=[name=alice,password=secret], or @FILE with a line for each, which others
    /// cannot see; as often as needed
    #[arg(short = 'S', long)]
    add_scram: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Info {
    /// Kafka's server.properties
    #[arg(short, long)]
    config: PathBuf,
}

impl Storage {
    pub(crate) fn run(self) -> Result<()> {
        match self {
            Self::Format(format) => format.run(),
            Self::Info(info) => info.run(),
            Self::RandomUuid => {
                println!("{}", random_uuid()?);
                Ok(())
            }
        }
    }
}

impl Format {
    fn run(self) -> Result<()> {
        let id = match self.cluster_id {
            Some(id) => id,
            None => random_uuid()?.to_string(),
        };
        let first = match &self.initial_controllers {
            Some(all) => {
                FirstVoters::Initial(InitialControllers::parse(all).context("--initial-controllers")?)
            }
            None if self.standalone => FirstVoters::Standalone,
            None => FirstVoters::None,
        };
        let mut features = first_features(self.release_version.as_deref(), &self.feature)?;
        add_scram(&mut features, &self.add_scram)?;
        let properties = read_properties(&self.config, &[])?;
        let formatted =
            format_storage(&properties, &cluster_id(&id)?, &first, &features, self.ignore_formatted)?;
        for line in said(&formatted, features.version) {
            println!("{line}");
        }
        if !formatted.is_empty() {
            println!("The cluster's id is {id}.");
        }
        Ok(())
    }
}

impl Info {
    fn run(self) -> Result<()> {
        let directories = storage_info(&read_properties(&self.config, &[])?)?;
        let (lines, is_sound) = told(&directories);
        print!("{lines}");
        if is_sound { Ok(()) } else { bail!("there are problems") }
    }
}

/// An id as Kafka takes it: any text that says something and fits on its line of `meta.properties`.
pub(crate) fn cluster_id(text: &str) -> Result<ClusterId> {
    if text.trim().is_empty() || text.contains(char::is_control) {
        bail!("a cluster's id is a line of text, not '{}'", text.escape_debug());
    }
    Ok(ClusterId::new(text))
}

/// What was formatted, as Kafka's script tells it.
pub(crate) fn said(formatted: &[FormattedDirectory], version: MetadataVersion) -> Vec<String> {
    if formatted.is_empty() {
        return vec!["All of the log directories are already formatted.".to_owned()];
    }
    let line = |directory: &FormattedDirectory| {
        let kind = match directory.holds {
            Holds::FirstVoters => "dynamic metadata voter directory",
            Holds::Metadata => "metadata directory",
            Holds::Data => "data directory",
        };
        format!("Formatting {kind} {} with metadata.version {}.", directory.path.display(), version.name())
    };
    formatted.iter().map(line).collect()
}

/// What is in directories, as Kafka's script tells it, and whether all is well.
pub(crate) fn told(directories: &[DirectoryInfo]) -> (String, bool) {
    let mut text = String::new();
    let found: Vec<_> = directories.iter().filter(|directory| directory.exists).collect();
    if !found.is_empty() {
        text += if found.len() == 1 { "Found log directory:\n" } else { "Found log directories:\n" };
        for directory in &found {
            text += &format!("  {}\n", directory.path.display());
        }
        text += "\n";
    }
    let meta = directories.iter().find_map(|directory| directory.meta.as_ref().ok()?.as_ref());
    if let Some(meta) = meta {
        let id = meta.directory_id.map(|id| format!("directory.id={id}, ")).unwrap_or_default();
        text += &format!(
            "Found metadata: {{cluster.id={}, {id}node.id={}, version=1}}\n\n",
            meta.cluster_id, meta.node_id
        );
    }
    let problem = |directory: &DirectoryInfo| {
        let path = directory.path.display();
        match &directory.meta {
            _ if !directory.exists => Some(format!("{path} does not exist")),
            Ok(Some(_)) => None,
            Ok(None) => Some(format!("{path} is not formatted.")),
            Err(error) => Some(error.to_string()),
        }
    };
    let problems: Vec<_> = directories.iter().filter_map(problem).collect();
    if !problems.is_empty() {
        text += if problems.len() == 1 { "Found problem:\n" } else { "Found problems:\n" };
        for problem in &problems {
            text += &format!("  {problem}\n");
        }
        text += "\n";
    }
    (text, problems.is_empty())
}

/// A random id that does not read as a flag.
pub(crate) fn random_uuid() -> Result<Uuid> {
    let mut source = std::fs::File::open("/dev/urandom").context("/dev/urandom")?;
    loop {
        let mut bytes = [0; 16];
        source.read_exact(&mut bytes).context("/dev/urandom")?;
        if let Some(id) = Uuid::from_random(bytes) {
            return Ok(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_checked_and_drawn() {
        let id = random_uuid().unwrap().to_string();
        assert_eq!(cluster_id(&id).unwrap().as_str(), id);
        assert!(!id.starts_with('-'));
        assert!(cluster_id("my-cluster").is_ok());
        assert!(cluster_id(" ").is_err() && cluster_id("a\nb").is_err());
    }

    #[test]
    fn directories_are_told_with_their_problems() {
        let directory = |exists| DirectoryInfo { path: "/a".into(), exists, meta: Ok(None) };
        assert_eq!(told(&[directory(false)]), ("Found problem:\n  /a does not exist\n\n".to_owned(), false));
        let not_formatted = "Found log directory:\n  /a\n\nFound problem:\n  /a is not formatted.\n\n";
        assert_eq!(told(&[directory(true)]), (not_formatted.to_owned(), false));
    }
}
