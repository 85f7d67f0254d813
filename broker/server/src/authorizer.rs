//! The hook through which every API asks whether a principal may do something (KIP-11).
//!
//! Without an authorizer (`authorizer.class.name` empty, Kafka's own default) everything is allowed. Whoever `super.users` names may
//! keep bindings then: so all are there when the first node decides by them. What decides otherwise is
//! `broker_authorizer`, by the bindings of the newest image: what an image holds is held by the decisions after it.

mod audit;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwap;
use broker_authorizer::{Action, Actor, CLUSTER_NAME, ResourceType, Rules};
use broker_config::BrokerConfig;
use broker_group::Reader;
use broker_metadata::Image;
use broker_protocol::ErrorCode;
use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, context::RequestContext};

use audit::Audit;

pub(crate) use broker_authorizer::Operation;

/// What an operation is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Topic(&'a str),
    Group(&'a str),
    TransactionalId(&'a str),
    Cluster,
    /// By its id.
    DelegationToken(&'a str),
    /// With the type before its name.
    User(&'a str),
}

impl<'a> Resource<'a> {
    pub(crate) fn kind(self) -> ResourceType {
        match self {
            Self::Topic(_) => ResourceType::Topic,
            Self::Group(_) => ResourceType::Group,
            Self::TransactionalId(_) => ResourceType::TransactionalId,
            Self::Cluster => ResourceType::Cluster,
            Self::DelegationToken(_) => ResourceType::DelegationToken,
            Self::User(_) => ResourceType::User,
        }
    }

    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Topic(name)
            | Self::Group(name)
            | Self::TransactionalId(name)
            | Self::DelegationToken(name)
            | Self::User(name) => name,
            Self::Cluster => CLUSTER_NAME,
        }
    }
}

/// What an answer holds of authorized operations when the client did not ask (KIP-430).
pub(crate) const NOT_ASKED: i32 = i32::MIN;

/// What whoever is no super user is answered before the bindings are there.
pub(crate) const NOT_READY: ErrorCode = ErrorCode::UnknownServerError;

/// Decides.
#[derive(Debug)]
pub(crate) struct Authorizer {
    standard: Option<Standard>,
    /// Who may keep bindings while nobody decides, as super users.
    keepers: Rules,
}

/// Kafka's `StandardAuthorizer`.
#[derive(Debug)]
struct Standard {
    rules: Rules,
    image: Arc<ArcSwap<Image>>,
    /// The image has all bindings of before this node's start. Until then only super users are let in: a DENY may be
    /// among those that are not there yet.
    is_loaded: AtomicBool,
    /// Tells who waits for it.
    loaded: CancellationToken,
    audit: Audit,
}

impl Authorizer {
    /// The authorizer that the configuration names. Its super users were checked when it was read.
    pub(crate) fn new(config: &BrokerConfig, image: &Arc<ArcSwap<Image>>, clock: Clock) -> Self {
        let standard = config.access.as_ref().map(|access| Standard {
            rules: Rules::new(&access.super_users, &access.allow_everyone).unwrap_or_default(),
            image: Arc::clone(image),
            is_loaded: AtomicBool::new(false),
            loaded: CancellationToken::new(),
            audit: Audit::new(clock),
        });
        Self { standard, keepers: Rules::new(&config.acl_keepers, "").unwrap_or_default() }
    }

    /// Whether bindings are kept for who asks: without anybody who decides by them they are for keepers alone.
    pub(crate) fn keeps_bindings(&self, context: &RequestContext) -> bool {
        self.standard.is_some() || self.keepers.is_super_user(context.principal.as_str())
    }

    /// The image has caught up with the cluster.
    pub(crate) fn loaded(&self) {
        if let Some(standard) = &self.standard
            && !standard.is_loaded.swap(true, Ordering::AcqRel)
        {
            tracing::info!("the access control entries are loaded");
            standard.loaded.cancel();
        }
    }

    /// Waits until decisions rest on all bindings that there were before this node's start.
    pub(crate) async fn ready(&self) {
        if let Some(standard) = &self.standard {
            standard.loaded.cancelled().await;
        }
    }

    /// Whether the request's principal may do `operation` on `resource`. A denial is told in the audit log.
    pub(crate) fn allows(
        &self,
        context: &RequestContext,
        operation: Operation,
        resource: Resource<'_>,
    ) -> bool {
        self.decides(actor(context), operation, resource, Some(context))
    }

    /// Whether the request's principal may do `operation` on the cluster, otherwise what it is answered: before the
    /// bindings are there, what Kafka makes of an authorizer that is not ready, for which the protocol has no code of
    /// its own (KIP-801).
    pub(crate) fn on_cluster(&self, context: &RequestContext, operation: Operation) -> Result<(), ErrorCode> {
        // Looked at first: who is denied after it is denied by bindings.
        let is_ready = self.is_ready_for(context);
        match self.allows(context, operation, Resource::Cluster) {
            true => Ok(()),
            false if is_ready => Err(ErrorCode::ClusterAuthorizationFailed),
            false => Err(NOT_READY),
        }
    }

    /// Whether it can be decided what the request's principal may do.
    pub(crate) fn is_ready_for(&self, context: &RequestContext) -> bool {
        self.standard.as_ref().is_none_or(|standard| standard.knows(context.principal.as_str()))
    }

    /// The same where nobody asked for the resource itself: in lists, and where another permission would do.
    pub(crate) fn sees(
        &self,
        context: &RequestContext,
        operation: Operation,
        resource: Resource<'_>,
    ) -> bool {
        self.decides(actor(context), operation, resource, None)
    }

    /// Whether the principal may do `operation` on at least one resource of this kind (KIP-679).
    pub(crate) fn allows_any(
        &self,
        context: &RequestContext,
        operation: Operation,
        kind: ResourceType,
    ) -> bool {
        let Some(standard) = &self.standard else { return true };
        let image = standard.image.load();
        standard.knows(actor(context).principal)
            && standard.rules.allows_any(image.acls().bindings(), actor(context), operation, kind)
    }

    /// Whether a member of a group may see a topic that its pattern matches.
    pub(crate) fn shows(&self, topic: &str, reader: &Reader) -> bool {
        let actor = Actor { principal: &reader.principal, address: reader.address };
        self.decides(actor, Operation::Describe, Resource::Topic(topic), None)
    }

    fn decides(
        &self,
        actor: Actor<'_>,
        operation: Operation,
        resource: Resource<'_>,
        told_of: Option<&RequestContext>,
    ) -> bool {
        self.standard.as_ref().is_none_or(|standard| standard.decide(actor, operation, resource, told_of))
    }

    /// What the principal may do on a resource, as a bit for each operation's code (KIP-430).
    pub(crate) fn operations(&self, context: &RequestContext, resource: Resource<'_>) -> i32 {
        let all = resource.kind().operations().iter();
        let allowed = all.filter(|operation| self.sees(context, **operation, resource));
        allowed.fold(0, |bits, operation| bits | 1 << operation.code())
    }

    /// The same of the cluster, which must be seen first.
    pub(crate) fn cluster_operations(&self, context: &RequestContext) -> i32 {
        if self.allows(context, Operation::Describe, Resource::Cluster) {
            self.operations(context, Resource::Cluster)
        } else {
            0
        }
    }
}

impl Standard {
    fn knows(&self, principal: &str) -> bool {
        self.is_loaded.load(Ordering::Acquire) || self.rules.is_super_user(principal)
    }

    fn decide(
        &self,
        actor: Actor<'_>,
        operation: Operation,
        resource: Resource<'_>,
        told_of: Option<&RequestContext>,
    ) -> bool {
        let action = Action { operation, resource_type: resource.kind(), name: resource.name() };
        let image = self.image.load();
        let reason = self.rules.decide(image.acls().bindings(), actor, action);
        let is_allowed = reason.is_allowed() && self.knows(actor.principal);
        if let Some(context) = told_of.filter(|_| !is_allowed) {
            self.audit.denied(context, action, reason);
        }
        is_allowed
    }
}

fn actor(context: &RequestContext) -> Actor<'_> {
    Actor { principal: context.principal.as_str(), address: context.address.ip() }
}

#[cfg(test)]
mod tests;
