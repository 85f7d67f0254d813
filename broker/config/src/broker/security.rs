//! TLS, SASL, tokens and authorization.

use super::{CLASS, JVM};
use crate::Default::Null;
use crate::Support::{Honoured, Ignored, OnlyDefault, OnlyNamed};
use crate::check::Check::{Any, AtLeast, Between, List, OneOf, OneOfAnyCase};
use crate::check::Empty::Allowed;
use crate::def::{ConfigDef, keys, of};

/// Gets tokens of OAuth 2; the second name is of Kafka before 4.
const LOGIN: &[&str] = &[
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
    "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
];
/// Checks them.
const VALIDATOR: &[&str] = &[
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
    "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerValidatorCallbackHandler",
];
const JWT_VALIDATOR: &[&str] = &["org.apache.kafka.common.security.oauthbearer.BrokerJwtValidator"];
const JWT_RETRIEVERS: &[&str] = &[
    "org.apache.kafka.common.security.oauthbearer.ClientCredentialsJwtRetriever",
    "org.apache.kafka.common.security.oauthbearer.FileJwtRetriever",
];

pub(super) const KEYS: &[ConfigDef] = keys! {
    "authorizer.class.name": String = of(""), Any,
        Low, ReadOnly, Public, Honoured,
        "Class that decides who may do what; empty: everyone may do everything.";
    "connection.failed.authentication.delay.ms": Int = of("100"), AtLeast(0), Low, ReadOnly, Public, Honoured,
        "Pause before a connection that failed to authenticate is closed; slows guessing down.";
    "connections.max.reauth.ms": Long = of("0"), Any, Medium, ReadOnly, Public, Honoured,
        "Longest session of a SASL connection before it must authenticate again; 0: without end.";
    "delegation.token.expiry.check.interval.ms": Long = of("3600000"), AtLeast(1),
        Low, ReadOnly, Public, Honoured,
        "Time between two rounds of deleting expired delegation tokens.";
    "delegation.token.expiry.time.ms": Long = of("86400000"), AtLeast(1), Medium, ReadOnly, Public, Honoured,
        "Time after which a delegation token must be renewed.";
    "delegation.token.max.lifetime.ms": Long = of("604800000"), AtLeast(1),
        Medium, ReadOnly, Public, Honoured,
        "Time after which a delegation token cannot be renewed.";
    "delegation.token.secret.key": Password = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Secret that signs delegation tokens; the same on every node.";
    "early.start.listeners": List = Null, List(&[], Allowed), High, ReadOnly, Public, Honoured,
        "Listeners that open before the authorizer is ready.";
    "principal.builder.class": Class = of("org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder"), Any,
        Medium, PerBroker, Public, OnlyDefault(CLASS),
        "Class that makes a principal of an authenticated connection.";
    "sasl.client.callback.handler.class": Class = Null, Any, Medium, ReadOnly, Public, OnlyDefault(CLASS),
        "Class that answers SASL questions on the client's side.";
    "sasl.enabled.mechanisms": List = of("GSSAPI"), List(&[], Allowed), Medium, PerBroker, Public, Honoured,
        "SASL mechanisms that clients may use.";
    "sasl.jaas.config": Password = Null, Any, Medium, PerBroker, Public, Honoured,
        "Login module and its options, in the form of a JAAS line.";
    "sasl.kerberos.kinit.cmd": String = of("/usr/bin/kinit"), Any, Medium, PerBroker, Public, Ignored(JVM),
        "Path of kinit.";
    "sasl.kerberos.min.time.before.relogin": Long = of("60000"), Any, Medium, PerBroker, Public, Honoured,
        "Least time between two Kerberos logins.";
    "sasl.kerberos.principal.to.local.rules": List = of("DEFAULT"), List(&[], Allowed),
        Medium, PerBroker, Public, Honoured,
        "Rules that shorten Kerberos principals.";
    "sasl.kerberos.service.name": String = Null, Any, Medium, PerBroker, Public, Honoured,
        "Kerberos name of the brokers.";
    "sasl.kerberos.ticket.renew.jitter": Double = of("0.05"), Any, Medium, PerBroker, Public, Honoured,
        "Randomness of the renewal of Kerberos tickets.";
    "sasl.kerberos.ticket.renew.window.factor": Double = of("0.8"), Any, Medium, PerBroker, Public, Honoured,
        "Part of a ticket's life after which it is renewed.";
    "sasl.login.callback.handler.class": Class = Null, Any, Medium, ReadOnly, Public, OnlyNamed(LOGIN),
        "Class that answers SASL questions of the login.";
    "sasl.login.class": Class = Null, Any, Medium, ReadOnly, Public, OnlyDefault(CLASS),
        "Class of the login.";
    "sasl.login.connect.timeout.ms": Int = Null, Any, Low, ReadOnly, Public, Honoured,
        "Time in which the provider of tokens must accept a connection.";
    "sasl.login.read.timeout.ms": Int = Null, Any, Low, ReadOnly, Public, Honoured,
        "Time in which the provider of tokens must answer.";
    "sasl.login.refresh.buffer.seconds": Short = of("300"), Any, Medium, PerBroker, Public, Honoured,
        "Time before its end that a credential is refreshed at the latest.";
    "sasl.login.refresh.min.period.seconds": Short = of("60"), Any, Medium, PerBroker, Public, Honoured,
        "Least time between two refreshes of a credential.";
    "sasl.login.refresh.window.factor": Double = of("0.8"), Any, Medium, PerBroker, Public, Honoured,
        "Part of a credential's life after which it is refreshed.";
    "sasl.login.refresh.window.jitter": Double = of("0.05"), Any, Medium, PerBroker, Public, Honoured,
        "Randomness of that moment.";
    "sasl.login.retry.backoff.max.ms": Long = of("10000"), Any, Low, ReadOnly, Public, Honoured,
        "Longest pause before the provider of tokens is asked again.";
    "sasl.login.retry.backoff.ms": Long = of("100"), Any, Low, ReadOnly, Public, Honoured,
        "First pause before the provider of tokens is asked again.";
    "sasl.mechanism.controller.protocol": String = of("GSSAPI"), Any, High, ReadOnly, Public, Honoured,
        "SASL mechanism used towards controllers.";
    "sasl.mechanism.inter.broker.protocol": String = of("GSSAPI"), Any, Medium, PerBroker, Public, Honoured,
        "SASL mechanism used among brokers.";
    "sasl.oauthbearer.assertion.algorithm": String = of("RS256"), OneOfAnyCase(&["ES256", "RS256"]),
        Medium, ReadOnly, Public, Honoured,
        "Algorithm that signs an assertion.";
    "sasl.oauthbearer.assertion.claim.aud": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Audience that an assertion names.";
    "sasl.oauthbearer.assertion.claim.exp.seconds": Int = of("300"), Between(0, 86_400),
        Low, ReadOnly, Public, Honoured,
        "Life of an assertion.";
    "sasl.oauthbearer.assertion.claim.iss": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Issuer that an assertion names.";
    "sasl.oauthbearer.assertion.claim.jti.include": Boolean = of("false"), Any,
        Medium, ReadOnly, Public, Honoured,
        "Whether an assertion has an id.";
    "sasl.oauthbearer.assertion.claim.nbf.seconds": Int = of("60"), Between(0, 3_600),
        Low, ReadOnly, Public, Honoured,
        "How far in the past an assertion begins to be valid.";
    "sasl.oauthbearer.assertion.claim.sub": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Subject that an assertion names.";
    "sasl.oauthbearer.assertion.file": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "File of a finished assertion.";
    "sasl.oauthbearer.assertion.private.key.file": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "File of the key that signs an assertion.";
    "sasl.oauthbearer.assertion.private.key.passphrase": Password = Null, Any,
        Medium, ReadOnly, Public, Honoured,
        "Passphrase of that key.";
    "sasl.oauthbearer.assertion.template.file": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "File of headers and claims of an assertion.";
    "sasl.oauthbearer.client.credentials.client.id": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Client id shown to the provider of tokens.";
    "sasl.oauthbearer.client.credentials.client.secret": Password = Null, Any,
        Medium, ReadOnly, Public, Honoured,
        "Client secret shown to the provider of tokens.";
    "sasl.oauthbearer.clock.skew.seconds": Int = of("30"), Any, Low, ReadOnly, Public, Honoured,
        "Difference of clocks that is forgiven with tokens.";
    "sasl.oauthbearer.expected.audience": List = of(""), List(&[], Allowed), High, ReadOnly, Public, Honoured,
        "Audiences of which a token must name one.";
    "sasl.oauthbearer.expected.issuer": String = Null, Any, High, ReadOnly, Public, Honoured,
        "Issuer that a token must name.";
    "sasl.oauthbearer.jwks.endpoint.refresh.ms": Long = of("3600000"), Any, Low, ReadOnly, Public, Honoured,
        "Time between two fetches of the keys that tokens are signed with.";
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": Long = of("10000"), Any,
        Low, ReadOnly, Public, Honoured,
        "Longest pause before those keys are fetched again.";
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms": Long = of("100"), Any, Low, ReadOnly, Public, Honoured,
        "First pause before those keys are fetched again.";
    "sasl.oauthbearer.jwks.endpoint.url": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Where those keys are.";
    "sasl.oauthbearer.jwt.retriever.class": Class = of("org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"), Any,
        Medium, ReadOnly, Public, OnlyNamed(JWT_RETRIEVERS),
        "Class that gets tokens.";
    "sasl.oauthbearer.jwt.validator.class": Class = of("org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"), Any,
        Medium, ReadOnly, Public, OnlyNamed(JWT_VALIDATOR),
        "Class that checks tokens.";
    "sasl.oauthbearer.scope": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Scope that a token is asked for.";
    "sasl.oauthbearer.scope.claim.name": String = of("scope"), Any, Low, ReadOnly, Public, Honoured,
        "Claim of a token that holds its scope.";
    "sasl.oauthbearer.sub.claim.name": String = of("sub"), Any, Low, ReadOnly, Public, Honoured,
        "Claim of a token that holds its subject.";
    "sasl.oauthbearer.token.endpoint.url": String = Null, Any, Medium, ReadOnly, Public, Honoured,
        "Where tokens are asked for.";
    "sasl.server.callback.handler.class": Class = Null, Any, Medium, ReadOnly, Public, OnlyNamed(VALIDATOR),
        "Class that answers SASL questions on the server's side.";
    "sasl.server.max.receive.size": Int = of("524288"), Any, Medium, ReadOnly, Public, Honoured,
        "Largest message taken while a connection authenticates.";
    "security.providers": String = Null, Any, Low, ReadOnly, Public, Ignored(JVM),
        "Security providers of the JVM.";
    "ssl.allow.dn.changes": Boolean = of("false"), Any, Low, ReadOnly, Public, Honoured,
        "Whether a new certificate may have another name.";
    "ssl.allow.san.changes": Boolean = of("false"), Any, Low, ReadOnly, Public, Honoured,
        "Whether a new certificate may lack alternative names of the old.";
    "ssl.cipher.suites": List = of(""), List(&[], Allowed), Medium, PerBroker, Public, Honoured,
        "Cipher suites; empty: all that are safe.";
    "ssl.client.auth": String = of("none"), OneOf(&["required", "requested", "none"]),
        Medium, PerBroker, Public, Honoured,
        "Whether clients must, may or need not show a certificate.";
    "ssl.enabled.protocols": List = of("TLSv1.2,TLSv1.3"), List(&[], Allowed),
        Medium, PerBroker, Public, Honoured,
        "TLS versions that are taken.";
    "ssl.endpoint.identification.algorithm": String = of("https"), Any, Low, PerBroker, Public, Honoured,
        "How a server's name is checked against its certificate; empty: not.";
    "ssl.engine.factory.class": Class = Null, Any, Low, PerBroker, Public, OnlyDefault(CLASS),
        "Class that makes TLS engines.";
    "ssl.key.password": Password = Null, Any, Medium, PerBroker, Public, Honoured,
        "Password of the private key.";
    "ssl.keymanager.algorithm": String = of("SunX509"), Any, Medium, PerBroker, Public, Ignored(JVM),
        "Key manager of the JVM.";
    "ssl.keystore.certificate.chain": Password = Null, Any, Medium, PerBroker, Public, Honoured,
        "Certificate chain as PEM.";
    "ssl.keystore.key": Password = Null, Any, Medium, PerBroker, Public, Honoured,
        "Private key as PEM.";
    "ssl.keystore.location": String = Null, Any, Medium, PerBroker, Public, Honoured,
        "File of key and certificates.";
    "ssl.keystore.password": Password = Null, Any, Medium, PerBroker, Public, Honoured,
        "Password of that file.";
    "ssl.keystore.type": String = of("JKS"), Any, Medium, PerBroker, Public, Honoured,
        "Format of that file.";
    "ssl.principal.mapping.rules": String = of("DEFAULT"), Any, Low, ReadOnly, Public, Honoured,
        "Rules that make a principal of a certificate's name.";
    "ssl.protocol": String = of("TLSv1.3"), Any, Medium, PerBroker, Public, Honoured,
        "TLS version that is tried first.";
    "ssl.provider": String = Null, Any, Medium, PerBroker, Public, Ignored(JVM),
        "Security provider of the JVM for TLS.";
    "ssl.secure.random.implementation": String = Null, Any, Low, PerBroker, Public, Ignored(JVM),
        "Source of randomness of the JVM.";
    "ssl.trustmanager.algorithm": String = of("PKIX"), Any, Medium, PerBroker, Public, Ignored(JVM),
        "Trust manager of the JVM.";
    "ssl.truststore.certificates": Password = Null, Any, Medium, PerBroker, Public, Honoured,
        "Trusted certificates as PEM.";
    "ssl.truststore.location": String = Null, Any, Medium, PerBroker, Public, Honoured,
        "File of trusted certificates.";
    "ssl.truststore.password": Password = Null, Any, Medium, PerBroker, Public, Honoured,
        "Password of that file.";
    "ssl.truststore.type": String = of("JKS"), Any, Medium, PerBroker, Public, Honoured,
        "Format of that file.";
};
