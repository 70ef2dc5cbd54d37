//! Which org a command is about.

use crate::model::{AuthKind, EmailPolicy, OrgId, OrgName, OrgTarget, Project};

use super::args::Global;
use super::environment::Environment;
use super::error::Failure;

/// The org of this run.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Its name in the project, `env`, or a name that the Salesforce CLI knows.
    pub(super) name: OrgName,
    /// Where it is.
    pub(super) place: Place,
    /// The only org that may answer: each of these ids is that of the same org, or none is.
    pub(super) pins: Vec<OrgId>,
    /// Whether changes may be sent to it.
    pub(super) writable: bool,
    pub(super) username_suffix: String,
    pub(super) email: Option<EmailPolicy>,
    /// How to sign in.
    pub(super) auth: AuthKind,
    pub(super) client_id: Option<String>,
    pub(super) username: Option<String>,
}

/// Where an org is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Where its table says.
    Table(OrgTarget),
    /// Where the environment's token is from.
    Environment,
    /// Where the Salesforce CLI is signed in to under the target's name.
    SfCli,
}

/// The name of the org that the environment's token is for.
const ENV: &str = "env";

/// Chooses the org: the flag, the org of a saved plan, `SF_TARGET_ORG`, `default_org`, the only org.
pub(super) fn choose(
    global: &Global,
    project: &Project,
    environment: &Environment,
    planned: Option<&str>,
) -> Result<Target, Failure> {
    if let Some(name) = global.target_org.as_deref().or(planned) {
        return named(name, global, project);
    }
    if let Some(name) = environment.get("SF_TARGET_ORG") {
        // Set for other tools, it must not lead out of the project.
        let known = project.orgs.keys().any(|known| known.as_str() == name);
        if !known && name != ENV && !project.orgs.is_empty() {
            return Err(Failure::error(anyhow::anyhow!(
                "SF_TARGET_ORG names org `{name}`, which is not defined"
            ))
            .hint(format!("choose one by `-o NAME`: {}", self::known(project))));
        }
        return named(name, global, project);
    }
    let name = match (&project.default_org, project.orgs.len()) {
        (Some(name), _) => name.as_str(),
        (None, 0) => ENV,
        (None, 1) => project.orgs.keys().next().map_or(ENV, OrgName::as_str),
        (None, _) => {
            return Err(Failure::usage("the project has several orgs and none is chosen")
                .hint(format!("choose one by `-o NAME`: {}", known(project))));
        }
    };
    named(name, global, project)
}

fn named(name: &str, global: &Global, project: &Project) -> Result<Target, Failure> {
    let found = project.orgs.iter().find(|(known, _)| known.as_str() == name);
    if let Some((name, org)) = found {
        return Ok(Target {
            name: name.clone(),
            place: Place::Table(org.target.clone()),
            pins: global.org_id.into_iter().chain(org.org_id).collect(),
            writable: true,
            username_suffix: org.username_suffix.clone(),
            email: org.email,
            auth: org.auth,
            client_id: org.client_id.clone(),
            username: org.username.clone(),
        });
    }
    let login = OrgName::login(name)
        .map_err(|error| Failure::usage(format!("org `{name}` is not defined: {error}")))?;
    let place = if name == ENV { Place::Environment } else { Place::SfCli };
    Ok(Target {
        name: login,
        place,
        pins: global.org_id.into_iter().collect(),
        // A project with orgs of its own is about those.
        writable: project.orgs.is_empty() || global.org_id.is_some(),
        username_suffix: String::new(),
        email: None,
        auth: AuthKind::Auto,
        client_id: None,
        username: None,
    })
}

/// The orgs that can be chosen.
pub(super) fn known(project: &Project) -> String {
    let mut names: Vec<String> = project.orgs.keys().map(|name| format!("`{name}`")).collect();
    names.push(format!("`{ENV}` (from SF_ACCESS_TOKEN and SF_ORG_INSTANCE_URL)"));
    names.push("an alias or username of the Salesforce CLI".to_owned());
    names.join(", ")
}
