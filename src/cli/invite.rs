//! `portalctl invite`.

use std::collections::BTreeMap;

use tokio::try_join;

use crate::model::{Scope, UserField};
use crate::org;
use crate::plan::{Invite, Refusal, Whom, invite};
use crate::saved::Flags;

use super::apply::{Apply, Views, check_day};
use super::args::{Global, InviteArgs};
use super::connect;
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::Output;
use super::plan::{self, Made};
use super::present::Present;
use super::project::{self, Chosen, Purpose};

pub(super) async fn run(
    global: &Global,
    args: &InviteArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    if args.never_signed_in && args.cool_down == 0 {
        return Err(Failure::usage("`--never-signed-in` needs a cool-down").hint(
            "without one, a second run would mail everybody again: leave `--cool-down 0` out",
        ));
    }
    let flags = plan::flags(&args.approval.allow, &args.selection())?;
    let made = make(global, args, &flags, (environment, output)).await?;
    check_day(global, &made)?;
    let present = Present::new(global, environment, &made.loaded.root);
    let args = &args.approval;
    let apply = Apply { global, args, environment, output, present: &present };
    let view = present.view(&made.plan);
    apply.show(&view)?;
    present.plan_outputs(&view)?;
    apply.go_on(&made, None, &flags, Views { fresh: &view, planned: &view }).await
}

/// Loads the files, reads the org, and plans the mails.
async fn make(
    global: &Global,
    args: &InviteArgs,
    flags: &Flags,
    (environment, output): (&Environment, &Output),
) -> Result<Made, Failure> {
    let Chosen { loaded, project, target, .. } =
        project::load(global, environment, output, Purpose::Plan(None))?;
    let connection = connect::connect(global, &project, &loaded.root, &target, environment).await?;
    let request = plan::request(global, &project, &target, flags);
    let (desired, policy) = (&loaded.desired, &project.policy);
    let mut scope = Scope::of(desired, policy, &request.username_suffix);
    scope.fields.insert(UserField::FederationId);
    let reader = connection.client.reader();
    let current = org::read(&reader, &scope, connection.org.clone())
        .await
        .map_err(|error| connect::read_failed(&error))?;
    let whom = if args.never_signed_in {
        Whom::NeverSignedIn
    } else {
        Whom::Named(args.usernames.clone())
    };
    let mut asked =
        Invite { whom, cool_down: args.cool_down, trail: Vec::new(), made: BTreeMap::new() };
    if let Some(since) = Invite::since(&request, args.cool_down) {
        let read = try_join!(org::resets(&reader, since), org::made_since(&reader, since));
        (asked.trail, asked.made) = read.map_err(|error| connect::read_failed(&error))?;
    }
    let plan = invite(desired, &current, policy, &request, &asked).map_err(|why| refused(&why))?;
    plan::refuse_unmatched(&plan.unmatched_targets)?;
    output.say(&connection.usage())?;
    Ok(Made { plan, connection, loaded, project, current, request })
}

fn refused(why: &Refusal) -> Failure {
    match why {
        Refusal::Undeclared(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            Failure::error(anyhow::anyhow!("nobody is declared as {}", names.join(", ")))
                .hint("only people whom a user file declares are invited; globs are over usernames")
        }
        Refusal::WithoutCoolDown => Failure::usage(
            "`--cool-down 0` is for people who are named by their own usernames",
        )
        .hint("without a cool-down, a second run would mail everybody whom a pattern fits again"),
        Refusal::Invisible(field) => {
            let what = match *field {
                "LastLoginDate" => "who has never signed in",
                "LastPasswordChangeDate" => "who was sent a link last, and when",
                _ => "who signs in by single sign-on",
            };
            let failure = Failure::error(anyhow::anyhow!(
                "{what} cannot be seen: this login may not read User.{field}"
            ));
            failure.hint(match *field {
                "LastPasswordChangeDate" => {
                    "let the login read the field; to mail people who are named all the same, give `--cool-down 0`"
                }
                "LastLoginDate" => "let the login read the field, or name the people",
                _ => "let the login read the field, or name the people by their own usernames",
            })
        }
    }
}
