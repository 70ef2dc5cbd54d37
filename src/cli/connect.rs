//! From a chosen org to a client of it, and the checks that come before anything is read.

#[cfg(feature = "emulator")]
use anyhow::Context;

use crate::model::{Org, OrgTarget, Project};
use crate::org;
use crate::salesforce::{Client, Connect, Day, Error, SignIn, Transport, same_host};

use super::args::Global;
use super::environment::Environment;
use super::error::Failure;
use super::sign_in;
use super::target::{self, Place, Target};

/// An org that can be talked to.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) org: Org,
    /// The way in which it was signed in to.
    pub(super) way: &'static str,
    /// The embedded emulator, if the org is one. It lives as long as this value.
    #[cfg(feature = "emulator")]
    pub(super) embedded: Option<super::embedded::Embedded>,
    /// Whether the org is an emulator or on this machine, where the day may be chosen.
    pub(super) rehearsal: bool,
    /// Whether changes may be sent to it.
    writable: bool,
}

impl Connection {
    /// Refuses changes to an org outside the project that nobody named by its id.
    pub(super) fn check_writable(&self, target: &str) -> Result<(), Failure> {
        if self.writable {
            return Ok(());
        }
        Err(Failure::blocked(format!("org `{target}` is not one of the project's, so it is read-only"))
            .hint(format!(
                "add a table [orgs.NAME], or `--org-id {}` if changes are really meant for it; nothing was written",
                self.org.id
            )))
    }

    /// `API calls: 12, 4,988 of 5,000 left today`.
    pub(super) fn usage(&self) -> String {
        let usage = self.client.usage();
        let calls = grouped(usage.calls);
        match usage.day {
            Some(day) => format!("API calls: {calls}, {}\n", left_today(day)),
            None => format!("API calls: {calls}\n"),
        }
    }
}

/// `4,988 of 5,000 left today`.
pub(super) fn left_today(day: Day) -> String {
    format!("{} of {} left today", grouped(day.left()), grouped(day.max))
}

/// `4,988`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Signs in, asks who answers, and refuses any other org than the wanted one.
pub(super) async fn connect(
    global: &Global,
    project: &Project,
    root: &std::path::Path,
    target: &Target,
    environment: &Environment,
) -> Result<Connection, Failure> {
    if let Place::Table(OrgTarget::Emulator(seed)) = &target.place {
        return embedded(global, project, (root, seed), target).await;
    }
    let chosen = sign_in::choose(target, environment)?;
    let way = chosen.sign_in.way();
    let mut connect = prepare(global, project, chosen.sign_in);
    for name in ["PORTALCTL_CA_FILE", "SSL_CERT_FILE"] {
        if let Some(file) = environment.get(name) {
            connect.transport.authorities.push((name, file.into()));
        }
    }
    let client =
        Client::connect(connect).await.map_err(|error| unreachable(error, target, project))?;
    let instance_url = client.instance_url();
    let org = organization(&client, instance_url, target, chosen.leads_anywhere).await?;
    Ok(Connection {
        rehearsal: client.is_loopback(),
        client,
        org,
        way,
        #[cfg(feature = "emulator")]
        embedded: None,
        writable: target.writable,
    })
}

fn prepare(global: &Global, project: &Project, sign_in: SignIn) -> Connect {
    Connect {
        transport: Transport { timeout: global.timeout, ..Transport::default() },
        api_version: project.api_version,
        parallelism: global.parallelism.map_or(Connect::PARALLELISM, usize::from),
        ..Connect::by(sign_in)
    }
}

#[cfg(feature = "emulator")]
async fn embedded(
    global: &Global,
    project: &Project,
    seed: (&std::path::Path, &str),
    target: &Target,
) -> Result<Connection, Failure> {
    let (root, seed) = seed;
    let embedded = super::embedded::Embedded::start(root, seed, target.name.as_str()).await?;
    let sign_in = embedded.sign_in();
    let way = sign_in.way();
    let connect = prepare(global, project, sign_in);
    let client =
        Client::connect(connect).await.map_err(|error| unreachable(error, target, project))?;
    let org = organization(&client, format!("emulator:{seed}"), target, false).await?;
    let embedded = Some(embedded);
    Ok(Connection { client, org, way, embedded, rehearsal: true, writable: true })
}

#[cfg(not(feature = "emulator"))]
async fn embedded(
    _global: &Global,
    _project: &Project,
    _seed: (&std::path::Path, &str),
    _target: &Target,
) -> Result<Connection, Failure> {
    Err(Failure::error(anyhow::anyhow!("this build of portalctl has no emulator"))
        .hint("build it with the feature `emulator`"))
}

/// Asks which org answers. Nothing else is asked of a wrong one.
async fn organization(
    client: &Client,
    instance_url: String,
    target: &Target,
    leads_anywhere: bool,
) -> Result<Org, Failure> {
    let org = org::organization(&client.reader(), instance_url).await;
    let org = org.map_err(|error| read_failed(&error))?;
    check(&org, target, leads_anywhere)?;
    Ok(org)
}

/// The pinned id decides. Without one, what leads to any org must lead to the host where this one
/// signs in.
fn check(org: &Org, target: &Target, leads_anywhere: bool) -> Result<(), Failure> {
    if let Some(pinned) = target.pins.iter().find(|pinned| **pinned != org.id) {
        return Err(Failure::blocked(format!(
            "org `{}` is pinned to {pinned}, but {} answered",
            target.name, org.id
        ))
        .hint("check the login, or correct `org_id`; nothing but Organization was read"));
    }
    let Place::Table(OrgTarget::LoginUrl(login_url)) = &target.place else {
        return Ok(());
    };
    if !leads_anywhere || !target.pins.is_empty() || same_host(login_url, &org.instance_url) {
        return Ok(());
    }
    Err(Failure::blocked(format!(
        "the login is for {}, but org `{}` signs in at {login_url}",
        org.instance_url, target.name
    ))
    .hint(format!(
        "if they are the same org, set org_id = \"{}\" in [orgs.{}]; else use the org's own login. Nothing but Organization was read",
        org.id, target.name
    )))
}

/// An org that cannot be reached, or signed in to.
fn unreachable(error: Error, target: &Target, project: &Project) -> Failure {
    let hint = error.hint();
    let name = &target.name;
    if let (Error::SignIn { code, .. }, Place::SfCli) = (&error, &target.place)
        && ["SF_CLI_MISSING", "NamedOrgNotFoundError"].contains(&code.as_str())
    {
        return Failure::error(
            anyhow::Error::new(error).context(format!("org `{name}` is not defined")),
        )
        .hint(format!("the orgs here are {}", target::known(project)));
    }
    if let (Error::SignIn { code, .. }, Place::Table(_)) = (&error, &target.place)
        && code == "SF_CLI_MISSING"
        && target.auth == crate::model::AuthKind::Auto
    {
        return Failure::error(anyhow::anyhow!("no way to sign in to org `{name}`")).hint(
            "set SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL, or PORTALCTL_JWT_KEY with PORTALCTL_CLIENT_ID and PORTALCTL_USERNAME, or PORTALCTL_CLIENT_ID and PORTALCTL_CLIENT_SECRET, or SFDX_AUTH_URL, or sign in with the Salesforce CLI",
        );
    }
    let what = match &error {
        Error::SignIn { .. } => format!("cannot sign in to org `{name}`"),
        _ => format!("cannot reach org `{name}`"),
    };
    with_hint(Failure::error(anyhow::Error::new(error).context(what)), hint)
}

/// An org that could not be read.
pub(super) fn read_failed(error: &org::OrgError) -> Failure {
    let failure = Failure::error(anyhow::anyhow!("{error}").context("cannot read the org"));
    with_hint(failure, error.hint())
}

fn with_hint(failure: Failure, hint: Option<String>) -> Failure {
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Adds what was being done to an error.
#[cfg(feature = "emulator")]
pub(super) fn doing<T, E>(result: Result<T, E>, what: &'static str) -> Result<T, Failure>
where
    Result<T, E>: Context<T, E>,
{
    result.context(what).map_err(Failure::error)
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped() {
        let texts = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "1,234,567"]);
    }
}
