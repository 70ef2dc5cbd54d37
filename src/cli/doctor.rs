//! `portalctl doctor`.

use std::collections::BTreeMap;

use crate::config::{Loaded, PROJECT_FILE};
use crate::doctor::{self, Calls, Connected, Diagnosis, Files, Pin, Trouble};
use crate::model::{Code, Diagnostic, OrgTarget, Project, Scope, Severity};
use crate::org;
use crate::plan::{Selection, diff, project_notes};
use crate::render::{self, View, json};
use crate::saved::Flags;

use super::args::{DoctorArgs, Format, Global};
use super::connect::{self, Connection};
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::present::Present;
use super::target::{self, Place, Target};
use super::{plan, project};

pub(super) async fn run(
    global: &Global,
    args: &DoctorArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    let format = global.format();
    if !matches!(format, Format::Text | Format::Json) {
        return Err(
            Failure::usage("`doctor` has no such format").hint("the formats are text and json")
        );
    }
    let opened = project::open(global)?;
    let (loaded, aim) = match opened.project() {
        Some(project) => {
            let target = target::choose(global, &project, environment, None)?;
            let loaded = opened.load(&target.name);
            let project = loaded.project.clone().unwrap_or(project);
            (loaded, Some((project, target)))
        }
        None => (opened.load_all(), None),
    };
    let files = files(&loaded);
    // A wrong portalctl.toml may lead to a wrong org.
    let aim = aim.filter(|_| !is_wrong(&loaded));
    let mut diagnosis = match &aim {
        None => unseen(&loaded, files, &Trouble::NoProject),
        Some((project, target)) => {
            match connect::connect(global, project, &loaded.root, target, environment).await {
                Err(failure) if failure.exit == Exit::Usage => return Err(failure),
                Err(failure) => unseen(&loaded, files, &trouble(&failure)),
                Ok(connection) => {
                    let asked = Asked { global, args, environment, files };
                    let found = look(&asked, &loaded, (project, target), &connection).await;
                    output.say(&connection.usage())?;
                    found
                }
            }
        }
    };
    if global.mask {
        render::mask_diagnosis(&mut diagnosis, &loaded.desired);
    }
    let text = if format == Format::Json {
        json::doctor(&diagnosis)?
    } else {
        let mut text = String::new();
        render::doctor(&mut text, &diagnosis, &output.out)?;
        text
    };
    output::result(&text)?;
    let failed = diagnosis.count(doctor::Status::Fail);
    Ok(if failed > 0 { Exit::Error } else { Exit::Done })
}

fn files(loaded: &Loaded) -> Files {
    let number = |severity| loaded.diagnostics.iter().filter(|f| f.severity == severity).count();
    Files {
        errors: number(Severity::Error),
        warnings: number(Severity::Warning),
        users: loaded.desired.users.len(),
    }
}

/// Whether portalctl.toml itself has errors.
fn is_wrong(loaded: &Loaded) -> bool {
    // A pattern that matches nothing is about the user files.
    let about = |found: &Diagnostic| found.code != Code::NoMatch;
    let errors = loaded.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    errors
        .filter(|found| about(found))
        .any(|found| found.place.as_ref().is_none_or(|place| *place.file == *PROJECT_FILE))
}

/// Why an org could not be looked at.
fn trouble(failure: &Failure) -> Trouble {
    let causes: Vec<String> = failure.error.chain().map(ToString::to_string).collect();
    let (message, help) = (causes.join(": "), failure.hint.clone());
    if failure.exit == Exit::Blocked {
        Trouble::OtherOrg { message, help }
    } else {
        Trouble::NoLogin { message, help }
    }
}

fn unseen(loaded: &Loaded, files: Files, trouble: &Trouble) -> Diagnosis {
    Diagnosis {
        project: loaded.project.as_ref().map(|project| project.name.clone()),
        org: None,
        checks: doctor::checks(files, Err(trouble)),
    }
}

/// What was asked for.
struct Asked<'a> {
    global: &'a Global,
    args: &'a DoctorArgs,
    environment: &'a Environment,
    files: Files,
}

/// Looks at an org that has let us in.
async fn look(
    asked: &Asked<'_>,
    loaded: &Loaded,
    (project, target): (&Project, &Target),
    connection: &Connection,
) -> Diagnosis {
    let flags = Flags { allow: BTreeMap::new(), selection: Selection::default() };
    let request = plan::request(asked.global, project, target, &flags);
    let policy = &project.policy;
    let scope = Scope::of(&loaded.desired, policy, &request.username_suffix);
    let reader = connection.client.reader();
    let found = org::examine(&reader, &scope, connection.org.clone()).await;
    let current = found.current.as_ref().filter(|_| asked.files.errors == 0);
    let plan = current.map(|current| diff(&loaded.desired, current, policy, &request));
    let present = Present::new(asked.global, asked.environment, &loaded.root);
    let view = plan.as_ref().map(|plan| present.view(plan));
    let notes;
    let diagnostics = match &view {
        Some(view) => &view.plan().diagnostics,
        None => {
            notes = project_notes(&loaded.desired, &connection.org, policy, &request);
            &notes
        }
    };
    let calls = connection.client.usage().day.map(|day| Calls {
        left: day.left(),
        day: day.max,
        told: connect::left_today(day),
    });
    let seen = Connected {
        way: connection.way,
        version: connection.client.version(),
        version_is_set: project.api_version.is_some(),
        calls,
        org: &connection.org,
        name: target.name.as_str(),
        username_suffix: &request.username_suffix,
        pin: pin(target),
        plan_only: asked.args.plan_only,
        desired: &loaded.desired,
        scope: &scope,
        policy,
        found: &found,
        plan: view.as_ref().map(View::plan),
        diagnostics,
    };
    let checks = doctor::checks(asked.files, Ok(&seen));
    let user = found.running_user.as_ref().ok().map(|user| user.username.clone());
    Diagnosis {
        project: Some(project.name.clone()),
        org: Some((target.name.as_str().to_owned(), connection.org.clone(), user)),
        checks,
    }
}

fn pin(target: &Target) -> Pin {
    match &target.place {
        _ if !target.pins.is_empty() => Pin::Given,
        Place::Table(OrgTarget::LoginUrl(_)) => Pin::Missing,
        Place::Table(OrgTarget::Emulator(_)) | Place::Environment | Place::SfCli => Pin::Needless,
    }
}
