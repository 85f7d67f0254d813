//! The properties file of a broker: written at its start, and added to between starts.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use super::Broker;
use crate::ports::free_port;
use crate::spec::{Encrypted, Kind};

impl Broker {
    pub(crate) fn write_properties(&self) -> Result<()> {
        let (client, controller) = (self.address(), self.controller_address());
        let mut listeners = Vec::new();
        if self.roles().is_broker() {
            listeners.push(format!("PLAINTEXT://{client}"));
            if self.spec.ssl.is_some() {
                listeners.push(format!("SSL://{}", self.ssl_address()));
            }
            if self.spec.sasl.is_some() {
                listeners.push(format!("SASL://{}", self.ssl_address()));
            }
        }
        if self.roles().is_controller() {
            listeners.push(format!("CONTROLLER://{controller}"));
        }
        let listeners = listeners.join(",");
        let sasl =
            self.spec.sasl.map(|(_, protocol)| format!(",SASL:{}", protocol.name())).unwrap_or_default();
        let (brokers, controllers) = match (self.spec.ssl, self.spec.sasl) {
            (Some(Encrypted::Nodes), _) => ("SSL", "SSL"),
            (_, Some((Encrypted::Nodes, protocol))) => ("SASL", protocol.name()),
            _ => ("PLAINTEXT", "PLAINTEXT"),
        };
        let mut text = format!(
            "process.roles={}\n\
             node.id={}\n\
             controller.quorum.bootstrap.servers={}\n\
             listeners={listeners}\n\
             advertised.listeners={listeners}\n\
             listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL{sasl},CONTROLLER:{controllers}\n\
             controller.listener.names=CONTROLLER\n\
             inter.broker.listener.name={brokers}\n\
             log.dirs={}\n\
             offsets.topic.replication.factor=1\n\
             transaction.state.log.replication.factor=1\n\
             transaction.state.log.min.isr=1\n\
             share.coordinator.state.topic.replication.factor=1\n\
             share.coordinator.state.topic.min.isr=1\n\
             group.initial.rebalance.delay.ms=0\n",
            self.roles().names(),
            self.membership.node,
            self.membership.bootstrap_servers(),
            self.data().display()
        );
        if self.spec.kind == Kind::Klamm {
            text.push_str(&format!("klamm.admin.listener=127.0.0.1:{}\n", self.ports.admin));
        }
        for (key, value) in &self.spec.properties {
            text.push_str(&format!("{key}={value}\n"));
        }
        Ok(fs::write(self.properties_file(), text)?)
    }

    /// Adds a line to its properties file, for the next start. A later line wins over an earlier one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        self.spec.properties.push((key.to_owned(), value.to_owned()));
        self.write_properties()
    }

    /// Gives its controller another port, for the next start; gives that.
    ///
    /// # Errors
    /// When no port is free.
    pub fn move_controller(&mut self) -> Result<u16> {
        self.ports.controller = free_port()?;
        self.write_properties()?;
        Ok(self.ports.controller)
    }

    /// Its properties file.
    #[must_use]
    pub fn properties_file(&self) -> PathBuf {
        self.folder.path().join("server.properties")
    }
}
