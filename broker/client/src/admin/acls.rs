//! Access control entries: list, add, remove (KIP-140). Types and operations are the codes of the protocol; what they are
//! called is `broker_authorizer`'s.

use broker_protocol::{
    Str,
    messages::{
        create_acls_request::{AclCreation, CreateAclsRequest},
        delete_acls_request::{DeleteAclsFilter, DeleteAclsRequest},
        describe_acls_request::DescribeAclsRequest,
    },
};

use crate::{client::Client, error::ClientError};

/// One entry for one resource pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AclBinding {
    /// Code of the resource's type.
    pub resource_type: i8,
    /// The resource's name or prefix.
    pub resource_name: String,
    /// Code of the pattern's type.
    pub pattern_type: i8,
    /// Who, as `type:name`.
    pub principal: String,
    /// From where, or `*`.
    pub host: String,
    /// Code of the operation.
    pub operation: i8,
    /// Code of the permission.
    pub permission: i8,
}

/// Which entries are meant; without a name, principal or host any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclFilter {
    /// Code of the resource's type, or of any.
    pub resource_type: i8,
    /// The resource's name.
    pub resource_name: Option<String>,
    /// Code of the pattern's type, of any, or of those that match the name.
    pub pattern_type: i8,
    /// Who.
    pub principal: Option<String>,
    /// From where.
    pub host: Option<String>,
    /// Code of the operation, or of any.
    pub operation: i8,
    /// Code of the permission, or of any.
    pub permission: i8,
}

impl AclFilter {
    /// Exactly this entry.
    #[must_use]
    pub fn only(binding: AclBinding) -> Self {
        Self {
            resource_type: binding.resource_type,
            resource_name: Some(binding.resource_name),
            pattern_type: binding.pattern_type,
            principal: Some(binding.principal),
            host: Some(binding.host),
            operation: binding.operation,
            permission: binding.permission,
        }
    }

    /// The code that stands for any type, pattern, operation or permission.
    pub const ANY_CODE: i8 = 1;

    /// Every entry.
    #[must_use]
    pub const fn any() -> Self {
        Self {
            resource_type: Self::ANY_CODE,
            resource_name: None,
            pattern_type: Self::ANY_CODE,
            principal: None,
            host: None,
            operation: Self::ANY_CODE,
            permission: Self::ANY_CODE,
        }
    }
}

fn text(part: Option<&String>) -> Option<Str> {
    part.map(|part| Str::from(part.as_str()))
}

impl Client {
    /// The entries that the filter matches, in the order of the answer.
    ///
    /// # Errors
    /// The cluster's, in its own words.
    pub async fn describe_acls(&mut self, filter: &AclFilter) -> Result<Vec<AclBinding>, ClientError> {
        let request = DescribeAclsRequest {
            resource_type_filter: filter.resource_type,
            resource_name_filter: text(filter.resource_name.as_ref()),
            pattern_type_filter: filter.pattern_type,
            principal_filter: text(filter.principal.as_ref()),
            host_filter: text(filter.host.as_ref()),
            operation: filter.operation,
            permission_type: filter.permission,
        };
        let response = self.any(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let mut bindings = Vec::new();
        for resource in response.resources {
            bindings.extend(resource.acls.into_iter().map(|acl| AclBinding {
                resource_type: resource.resource_type,
                resource_name: resource.resource_name.to_string(),
                pattern_type: resource.pattern_type,
                principal: acl.principal.to_string(),
                host: acl.host.to_string(),
                operation: acl.operation,
                permission: acl.permission_type,
            }));
        }
        Ok(bindings)
    }

    /// Adds entries; those that are there stay as they are.
    ///
    /// # Errors
    /// The cluster's about the first that it refuses; others may be added.
    pub async fn create_acls(&mut self, bindings: &[AclBinding]) -> Result<(), ClientError> {
        self.create_each_acl(bindings).await?.into_iter().collect()
    }

    /// The same, with what came of each, in their order.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn create_each_acl(
        &mut self,
        bindings: &[AclBinding],
    ) -> Result<Vec<Result<(), ClientError>>, ClientError> {
        let creation = |binding: &AclBinding| AclCreation {
            resource_type: binding.resource_type,
            resource_name: Str::from(binding.resource_name.as_str()),
            resource_pattern_type: binding.pattern_type,
            principal: Str::from(binding.principal.as_str()),
            host: Str::from(binding.host.as_str()),
            operation: binding.operation,
            permission_type: binding.permission,
        };
        let request = CreateAclsRequest { creations: bindings.iter().map(creation).collect() };
        let response = self.controller(&request).await?;
        let check = |result: &broker_protocol::messages::create_acls_response::AclCreationResult| {
            ClientError::check(result.error_code, result.error_message.as_deref())
        };
        Ok(response.results.iter().map(check).collect())
    }

    /// Removes what the filters match; how many entries that was.
    ///
    /// # Errors
    /// The cluster's about the first filter that it refuses; others may be removed.
    pub async fn delete_acls(&mut self, filters: &[AclFilter]) -> Result<usize, ClientError> {
        self.delete_each_acl(filters).await?.into_iter().sum()
    }

    /// The same, with what came of each filter, in their order.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn delete_each_acl(
        &mut self,
        filters: &[AclFilter],
    ) -> Result<Vec<Result<usize, ClientError>>, ClientError> {
        let filter = |filter: &AclFilter| DeleteAclsFilter {
            resource_type_filter: filter.resource_type,
            resource_name_filter: text(filter.resource_name.as_ref()),
            pattern_type_filter: filter.pattern_type,
            principal_filter: text(filter.principal.as_ref()),
            host_filter: text(filter.host.as_ref()),
            operation: filter.operation,
            permission_type: filter.permission,
        };
        let request = DeleteAclsRequest { filters: filters.iter().map(filter).collect() };
        let response = self.controller(&request).await?;
        let removed = response.filter_results.iter().map(|result| {
            ClientError::check(result.error_code, result.error_message.as_deref())?;
            Ok(result.matching_acls.len())
        });
        Ok(removed.collect())
    }
}
