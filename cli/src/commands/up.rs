//! `klamm up`: the cluster and the topics of a manifest on this machine, without Kubernetes.
//!
//! The broker is a child process that reads a properties file, as in a pod; what is asked of it and of its topics is
//! decided by the operator's own code. Invariants: nothing is deleted because a file changed; a manifest that makes no
//! sense changes nothing that runs; the child ends with this process, however that ends.

mod child;
mod layout;
mod topics;
mod turn;
mod watched;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use self::{child::Child, layout::Layout, turn::Turn, watched::Watched};
use crate::manifests::Manifests;

/// Runs until Ctrl-C, then drains.
#[derive(Args)]
pub(crate) struct Up {
    /// The manifests; it is watched and followed. examples/quickstart.yaml, or what this binary holds of it, when not
    /// given
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Where the data is kept; $XDG_DATA_HOME/klamm/up when not given
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Up {
    pub(crate) fn run(self) -> Result<()> {
        let data = match self.data {
            Some(data) => data,
            None => default_data()?,
        };
        let file = Watched::open(self.file);
        crate::commands::block_on(up(file, data))
    }
}

fn default_data() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
    Ok(home.context("neither XDG_DATA_HOME nor HOME says where data goes: give --data")?.join("klamm/up"))
}

async fn up(mut file: Watched, data: PathBuf) -> Result<()> {
    let mut turn = Some(Turn::take());
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut manifests = file.read()?;
    let mut layout = Layout::plan(&manifests, &data)?;
    println!("{} from {}", layout.cluster(), file.name());
    say_ignored(&manifests);
    let mut child = Child::start(&layout)?;
    let mut is_new = true;
    loop {
        let work = async {
            if is_new {
                child.ready(&layout).await?;
                turn = None;
                layout.mark_founded()?;
                say_serving(&layout, &data);
            }
            topics::reconcile(&layout.bootstrap(), &manifests).await;
            if is_new {
                println!("Ctrl-C stops it.");
            }
            tokio::select! {
                () = file.changed() => Ok(()),
                ended = child.ended() => Err(ended),
            }
        };
        let worked = tokio::select! {
            worked = work => worked,
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        };
        worked?;
        is_new = false;
        let Some((changed, planned)) = follow(&file, &layout, &data) else { continue };
        topics::say_kept(&manifests.topics, &changed.topics);
        manifests = changed;
        if let Some(planned) = planned {
            println!("the broker's settings changed: it is drained and started anew");
            child.stop().await?;
            layout = planned;
            child = Child::start(&layout)?;
            is_new = true;
        }
    }
    println!("\nstopping {} ...", layout.cluster());
    tokio::select! {
        stopped = child.stop() => stopped?,
        _ = interrupt.recv() => bail!("stopped at once; the next start recovers"),
    }
    println!("stopped; the data stays in {}", data.display());
    Ok(())
}

/// The manifests as they are now, and another layout where they ask for one. `None` when they make no sense.
fn follow(file: &Watched, layout: &Layout, data: &std::path::Path) -> Option<(Manifests, Option<Layout>)> {
    println!("{} changed", file.name());
    let read = file.read().and_then(|manifests| {
        let wanted = layout.follow(&manifests, data)?;
        Ok((manifests, wanted))
    });
    match read {
        Ok((manifests, wanted)) => {
            say_ignored(&manifests);
            Some((manifests, wanted))
        }
        Err(error) => {
            eprintln!("klamm: {error:#}; what runs goes on as it is");
            None
        }
    }
}

fn say_ignored(manifests: &Manifests) {
    for ignored in &manifests.ignored {
        println!("  ignored: {ignored}");
    }
}

fn say_serving(layout: &Layout, data: &std::path::Path) {
    for warning in layout.warnings() {
        println!("  warning: {warning}");
    }
    for listener in layout.listeners() {
        println!("  listener {}: {}:{}", listener.name, layout::HOST, listener.port);
    }
    println!("  bootstrap: {}", layout.bootstrap());
    println!("  admin:     http://{}/metrics, /healthz, /readyz", layout.admin());
    println!("  data:      {}", data.display());
    println!("  log:       {}", layout.log_file().display());
    println!(
        "  Not done here: replication and more than one node, storage classes and sizes, CPU and memory limits, \
         network policies, templates."
    );
}
