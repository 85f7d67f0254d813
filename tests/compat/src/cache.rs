//! Where `tests/compat/setup` has put the foreign programs.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

/// The Apache Kafka release that everything is compared with.
const KAFKA_VERSION: &str = "4.3.1";

/// The folder of foreign programs.
#[derive(Clone, Debug)]
pub struct Cache(PathBuf);

impl Cache {
    /// Finds the folder as the setup script does: `KLAMM_CACHE`, else `klamm` in the user's cache folder.
    ///
    /// # Errors
    /// When the environment names no home folder.
    pub fn open() -> Result<Self> {
        if let Some(path) = env::var_os("KLAMM_CACHE") {
            return Ok(Self(path.into()));
        }
        let user = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        match user.or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"))) {
            Some(path) => Ok(Self(path.join("klamm"))),
            None => bail!("neither XDG_CACHE_HOME nor HOME is set"),
        }
    }

    fn part(&self, path: &str) -> Result<PathBuf> {
        let path = self.0.join(path);
        if path.exists() { Ok(path) } else { bail!("{} is missing: run tests/compat/setup", path.display()) }
    }

    /// The class path of Apache Kafka's server and tools.
    ///
    /// # Errors
    /// When setup has not run.
    pub fn kafka_class_path(&self) -> Result<String> {
        Ok(format!("{}/*", self.part(&format!("kafka-{KAFKA_VERSION}/libs"))?.display()))
    }

    /// The Python that has kafka-python of this generation (2 or 3).
    ///
    /// # Errors
    /// When setup has not run.
    pub fn python(&self, generation: u32) -> Result<PathBuf> {
        self.part(&format!("kafka-python-{generation}/bin/python"))
    }

    /// The Python that has confluent-kafka.
    ///
    /// # Errors
    /// When setup has not run.
    pub fn confluent(&self) -> Result<PathBuf> {
        self.part("confluent-kafka/bin/python")
    }

    /// The franz-go client.
    ///
    /// # Errors
    /// When setup has not run.
    pub fn franz(&self) -> Result<PathBuf> {
        self.part("franz/franz")
    }

    /// A program or file of the test suites of clients.
    ///
    /// # Errors
    /// When setup has not run for them: they are brought only when asked for.
    pub fn foreign(&self, path: &str) -> Result<PathBuf> {
        let path = self.0.join("foreign").join(path);
        if path.exists() {
            Ok(path)
        } else {
            bail!("{} is missing: run tests/compat/setup foreign", path.display())
        }
    }
}
