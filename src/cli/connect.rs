//! From a chosen org to a client of it, and the checks that come before anything is read.

#[cfg(feature = "emulator")]
use anyhow::Context;

use crate::model::{Org, OrgTarget, Project, RunningUser};
use crate::org;
use crate::salesforce::{Client, Connect, Error, Transport};

use super::args::Global;
use super::environment::Environment;
use super::error::Failure;
use super::target::Target;

/// An org that can be talked to.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) org: Org,
    pub(super) user: RunningUser,
    /// The embedded emulator, if the org is one. It lives as long as this value.
    #[cfg(feature = "emulator")]
    pub(super) embedded: Option<super::embedded::Embedded>,
    /// Whether the org is an emulator or on this machine, where the day may be chosen.
    pub(super) rehearsal: bool,
}

/// Signs in, asks who answers, and refuses any other org than the wanted one.
pub(super) async fn connect(
    global: &Global,
    project: &Project,
    root: &std::path::Path,
    target: &Target,
    environment: &Environment,
) -> Result<Connection, Failure> {
    match &target.place {
        Some(OrgTarget::Emulator(seed)) => embedded(global, project, (root, seed), target).await,
        Some(OrgTarget::LoginUrl(login_url)) => {
            remote(global, project, Some(login_url), target, environment).await
        }
        None => remote(global, project, None, target, environment).await,
    }
}

async fn remote(
    global: &Global,
    project: &Project,
    login_url: Option<&str>,
    target: &Target,
    environment: &Environment,
) -> Result<Connection, Failure> {
    let Some((token, instance_url)) = environment.token() else {
        return Err(Failure::error(anyhow::anyhow!("no way to sign in to org `{}`", target.name))
            .hint("set SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL; other ways to sign in are not supported yet"));
    };
    let connect = Connect {
        transport: Transport { timeout: global.timeout, ..Transport::default() },
        api_version: project.api_version,
        ..Connect::new(instance_url.clone(), token)
    };
    let client = Client::connect(connect).await.map_err(unreachable)?;
    let (org, user) = identify(&client, &instance_url).await?;
    check(&org, target, login_url)?;
    Ok(Connection {
        rehearsal: client.is_loopback(),
        client,
        org,
        user,
        #[cfg(feature = "emulator")]
        embedded: None,
    })
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
    let connect = Connect {
        transport: Transport { timeout: global.timeout, ..Transport::default() },
        api_version: project.api_version,
        ..Connect::new(embedded.url().to_owned(), embedded.token())
    };
    let client = Client::connect(connect).await.map_err(unreachable)?;
    let (org, user) = identify(&client, &format!("emulator:{seed}")).await?;
    check(&org, target, None)?;
    Ok(Connection { client, org, user, embedded: Some(embedded), rehearsal: true })
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

async fn identify(client: &Client, instance_url: &str) -> Result<(Org, RunningUser), Failure> {
    let instance_url = instance_url.trim_end_matches('/').to_owned();
    org::identify(&client.reader(), instance_url).await.map_err(|error| read_failed(&error))
}

/// An environment token is for one org. It serves a named org only if that is the one, by the host
/// or by the pinned id.
fn check(org: &Org, target: &Target, login_url: Option<&str>) -> Result<(), Failure> {
    if let Some(pinned) = target.org_id {
        return if pinned == org.id {
            Ok(())
        } else {
            Err(Failure::blocked(format!(
                "org `{}` is pinned to {pinned}, but {} answered",
                target.name, org.id
            ))
            .hint("check the login, or correct `org_id`; nothing but Organization was read"))
        };
    }
    let Some(login_url) = login_url else {
        return Ok(());
    };
    if host(login_url) == host(&org.instance_url) {
        return Ok(());
    }
    Err(Failure::blocked(format!(
        "the token is for {}, but org `{}` signs in at {login_url}",
        org.instance_url, target.name
    ))
    .hint("set `org_id` in the org's table if they are the same org, or use the org's own token"))
}

/// Host, and on this machine the port too.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_lowercase();
    let name = authority.rsplit_once(':').map_or(authority.as_str(), |(name, _)| name);
    let loopback = name == "localhost" || name.starts_with("127.") || name == "[::1]";
    if loopback { authority } else { name.to_owned() }
}

/// An org that cannot be reached.
fn unreachable(error: Error) -> Failure {
    let hint = error.hint();
    let failure = Failure::error(anyhow::Error::new(error).context("cannot reach the org"));
    with_hint(failure, hint)
}

/// An org that could not be read.
pub(super) fn read_failed(error: &org::OrgError) -> Failure {
    let failure = Failure::error(anyhow::anyhow!("{error}")).context_of("cannot read the org");
    with_hint(failure, error.hint())
}

fn with_hint(failure: Failure, hint: Option<String>) -> Failure {
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

impl Failure {
    fn context_of(mut self, context: &'static str) -> Self {
        self.error = self.error.context(context);
        self
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
