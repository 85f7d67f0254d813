//! `kafka-delegation-tokens.sh`: delegation tokens made, renewed, ended and shown.

use std::process::ExitCode;

use anyhow::{Context as _, Error, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use broker_client::{
    Client,
    admin::tokens::{DelegationToken, Principal},
};
use broker_types::Timestamp;
use bytes::Bytes;

use super::{
    Script, connect,
    date::DateFormat,
    exceptions::thrown,
    options::{Failure, Options, Spec, flag, value},
};

static SPEC: Spec = Spec {
    about: "This tool helps to create, renew, expire, or describe delegation tokens.",
    options: &[
        value("bootstrap-server", "HOST:PORT", "The servers to start from"),
        value(
            "command-config",
            "FILE",
            "Properties for the client: tokens are asked for in secured listeners only",
        ),
        flag("create", "Make a token"),
        flag("renew", "Have a token last longer"),
        flag("expire", "Have a token end"),
        flag("describe", "Show tokens"),
        value("owner-principal", "TYPE:NAME", "Whose tokens; of whom a new one is to be"),
        value("renewer-principal", "TYPE:NAME", "Who else may renew a new token"),
        value("max-life-time-period", "MS", "The longest life of a new token; -1: as the servers say"),
        value("renew-time-period", "MS", "For how long to renew; -1: as the servers say"),
        value("expiry-time-period", "MS", "After which time to end; -1: at once"),
        value("hmac", "BASE64", "The secret part of a token"),
    ],
};

const SCRIPT: Script = Script { spec: &SPEC, check, report };

const ACTIONS: [&str; 4] = ["create", "renew", "expire", "describe"];

pub(super) fn main(arguments: &[String]) -> ExitCode {
    SCRIPT.run(arguments, run)
}

fn report(error: &Error) {
    eprintln!("{}", thrown(error));
}

fn check(options: &Options) -> Result<(), Failure> {
    if options.count_of(&ACTIONS) != 1 {
        return Err(Failure(
            "Command must include exactly one action: --create, --renew, --expire or --describe".to_owned(),
        ));
    }
    options.required("bootstrap-server")?;
    options.required("command-config")?;
    let (required, invalid): (&[&str], &[&str]) = if options.has("create") {
        (&["max-life-time-period"], &["hmac", "renew-time-period", "expiry-time-period"])
    } else if options.has("renew") {
        let invalid = ["renewer-principal", "max-life-time-period", "expiry-time-period", "owner-principal"];
        (&["hmac", "renew-time-period"], &invalid.map(|name| name))
    } else if options.has("expire") {
        (&["hmac", "expiry-time-period"], &["max-life-time-period", "renew-time-period", "owner-principal"])
    } else {
        (&[], &["renew-time-period", "max-life-time-period", "hmac", "expiry-time-period"])
    };
    for name in required {
        options.required(name)?;
    }
    let action = ACTIONS.iter().find(|action| options.has(action)).copied().unwrap_or_default();
    match invalid.iter().find(|name| options.has(name)) {
        Some(other) => Err(Failure(format!("Option \"[{action}]\" can't be used with option \"[{other}]\""))),
        None => Ok(()),
    }
}

async fn run(options: &Options) -> Result<()> {
    let client = connect(options, "kafka-delegation-tokens");
    if options.has("create") {
        create(&mut client.await?, options).await
    } else if options.has("describe") {
        describe(&mut client.await?, options).await
    } else {
        change(&mut client.await?, options).await
    }
}

fn principals(options: &Options, name: &str) -> Result<Vec<Principal>> {
    let read = |text: &String| match text.trim().split_once(':') {
        Some((kind, name)) => Ok(Principal { kind: kind.to_owned(), name: name.to_owned() }),
        None => {
            bail!("expected a string in format principalType:principalName but got {}", text.trim())
        }
    };
    options.values(name).iter().map(read).collect()
}

fn period(options: &Options, name: &str) -> Result<i64> {
    Ok(options.number(name)?.unwrap_or(-1))
}

async fn create(client: &mut Client, options: &Options) -> Result<()> {
    let (renewers, life) =
        (principals(options, "renewer-principal")?, period(options, "max-life-time-period")?);
    println!(
        "Calling create token operation with renewers :{} , max-life-time-period :{life}",
        listed(&renewers)
    );
    let owner = principals(options, "owner-principal")?.into_iter().next();
    let token = client.create_token(owner.as_ref(), &renewers, life).await?;
    println!("Created delegation token with tokenId : {}", token.id);
    show(&[token]);
    Ok(())
}

async fn describe(client: &mut Client, options: &Options) -> Result<()> {
    let owners = principals(options, "owner-principal")?;
    if owners.is_empty() {
        println!("Calling describe token operation for current user.");
    } else {
        println!("Calling describe token operation for owners: {}", listed(&owners));
    }
    let tokens = client.tokens(Some(&owners).filter(|owners| !owners.is_empty()).map(Vec::as_slice)).await?;
    print!("Total number of tokens : {}", tokens.len());
    show(&tokens);
    Ok(())
}

/// Renews or ends a token.
async fn change(client: &mut Client, options: &Options) -> Result<()> {
    let is_renewal = options.has("renew");
    let (action, name) =
        if is_renewal { ("renew", "renew-time-period") } else { ("expire", "expiry-time-period") };
    let shown = if is_renewal { name } else { "expire-time-period" };
    let (hmac, period) = (options.required("hmac")?, period(options, name)?);
    println!("Calling {action} token operation with hmac :{hmac} , {shown} :{period}");
    let secret = Bytes::from(STANDARD.decode(hmac).context("the hmac is no base64")?);
    let ends = match is_renewal {
        true => client.renew_token(secret, period).await?,
        false => client.expire_token(secret, period).await?,
    };
    print!("Completed {action} operation. New expiry date : {}", date(ends));
    Ok(())
}

fn date(at: Timestamp) -> String {
    let format = DateFormat::parse("yyyy-MM-dd'T'HH:mm");
    format.map_or_else(|_| at.as_millis().to_string(), |format| format.format(at.as_millis()))
}

fn listed(principals: &[Principal]) -> String {
    let names: Vec<_> = principals.iter().map(Principal::to_string).collect();
    format!("[{}]", names.join(", "))
}

fn show(tokens: &[DelegationToken]) {
    let row = |columns: [&str; 8]| {
        let [id, hmac, owner, requester, renewers, issued, expires, max] = columns;
        println!(
            "\n{id:<15} {hmac:<30} {owner:<15} {requester:<15} {renewers:<25} {issued:<15} {expires:<15} {max:<15}"
        );
    };
    row(["TOKENID", "HMAC", "OWNER", "REQUESTER", "RENEWERS", "ISSUEDATE", "EXPIRYDATE", "MAXDATE"]);
    for token in tokens {
        let times = [token.issued, token.expires, token.max].map(date);
        row([
            &token.id,
            &STANDARD.encode(&token.hmac),
            &token.owner.to_string(),
            &token.requester.to_string(),
            &listed(&token.renewers),
            &times[0],
            &times[1],
            &times[2],
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(line: &str) -> Result<(), String> {
        let line = format!("--bootstrap-server a:1 --command-config f {line}");
        let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
        check(&Options::parse(&SPEC, &words).map_err(|failure| failure.0)?).map_err(|failure| failure.0)
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        assert_eq!(checked("--create --max-life-time-period -1 --owner-principal User:a"), Ok(()));
        assert_eq!(checked("--describe"), Ok(()));
        for (line, reason) in [
            ("--create", "Missing required argument \"[max-life-time-period]\""),
            (
                "--create --describe",
                "Command must include exactly one action: --create, --renew, --expire or --describe",
            ),
            ("--renew --hmac x", "Missing required argument \"[renew-time-period]\""),
            ("--describe --hmac x", "Option \"[describe]\" can't be used with option \"[hmac]\""),
        ] {
            assert_eq!(checked(line), Err(reason.to_owned()), "{line}");
        }
    }
}
