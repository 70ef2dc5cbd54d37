//! Which org a command is about.

use crate::model::{EmailPolicy, OrgId, OrgName, OrgTarget, Project};

use super::args::Global;
use super::environment::Environment;
use super::error::Failure;

/// The org of this run.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Its name in the project, or `env`.
    pub(super) name: OrgName,
    /// Where it is; absent, where the environment says.
    pub(super) place: Option<OrgTarget>,
    /// The only org that may answer.
    pub(super) org_id: Option<OrgId>,
    pub(super) username_suffix: String,
    pub(super) email: Option<EmailPolicy>,
}

/// The name of the org that the environment's token is for.
const ENV: &str = "env";

/// Chooses the org: the flag, `SF_TARGET_ORG`, `default_org`, the only org.
pub(super) fn choose(
    global: &Global,
    project: &Project,
    environment: &Environment,
) -> Result<Target, Failure> {
    let asked = global.target_org.as_deref().or_else(|| environment.get("SF_TARGET_ORG"));
    let name = match asked {
        Some(name) => name,
        None => match (&project.default_org, project.orgs.len()) {
            (Some(name), _) => name.as_str(),
            (None, 0) => ENV,
            (None, 1) => project.orgs.keys().next().map_or(ENV, OrgName::as_str),
            (None, _) => {
                return Err(Failure::usage("the project has several orgs and none is chosen")
                    .hint(format!("choose one by `-o NAME`: {}", known(project))));
            }
        },
    };
    let parsed = OrgName::parse(name).map_err(|error| Failure::usage(error.to_string()))?;
    if let Some(org) = project.orgs.get(&parsed) {
        return Ok(Target {
            name: parsed,
            place: Some(org.target.clone()),
            org_id: global.org_id.or(org.org_id),
            username_suffix: org.username_suffix.clone(),
            email: org.email,
        });
    }
    if name == ENV {
        return Ok(Target {
            name: parsed,
            place: None,
            org_id: global.org_id,
            username_suffix: String::new(),
            email: None,
        });
    }
    Err(Failure::error(anyhow::anyhow!("org `{name}` is not defined"))
        .hint(format!("the orgs of this project are {}", known(project))))
}

fn known(project: &Project) -> String {
    let mut names: Vec<String> = project.orgs.keys().map(|name| format!("`{name}`")).collect();
    names.push(format!("`{ENV}` (from SF_ACCESS_TOKEN)"));
    names.join(", ")
}
