//! `portalctl import`: user files for the people whom an org has already.

use std::fs;
use std::path::Path;

use crate::config::{self, Opened, Side, SourceMap};
use crate::import::{
    self, Draft, Existing, Filter, NotIncluded, Proof, Selected, Source, UserFile,
};
use crate::model::{ApiName, Current, Diagnostic, Freezes, OrgName, nearest};
use crate::org::{self, OrgError};
use crate::render::{self, count};

use super::args::{Format, Global, ImportArgs, SelectionArgs};
use super::connect;
use super::environment::Environment;
use super::error::Failure;
use super::exit::Exit;
use super::output::{self, Output};
use super::plan;
use super::project::{self, Chosen, Purpose};

pub(super) async fn run(
    global: &Global,
    args: &ImportArgs,
    environment: &Environment,
    output: &Output,
) -> Result<Exit, Failure> {
    if global.format() != Format::Text {
        return Err(Failure::usage("`import` has no such format").hint("the format is text"));
    }
    let Chosen { opened, loaded, project, target } =
        project::load(global, environment, output, Purpose::Files)?;
    let connection = connect::connect(global, &project, &loaded.root, &target, environment).await?;
    let request =
        plan::request(global, &project, &target, &plan::flags(&[], &SelectionArgs::default())?);
    let grounds = opened.grounds(&target.name);
    let account_key = args.account_key.as_ref();
    let scope = import::scope(&loaded.desired, &project.policy, &grounds, account_key);
    let current = org::read(&connection.client.reader(), &scope, connection.org.clone())
        .await
        .map_err(|error| {
            no_account_key(account_key, &error).unwrap_or_else(|| connect::read_failed(&error))
        })?;
    check_profiles(&args.profile, &current)?;
    let source = Source {
        current: &current,
        scope: &scope,
        declared: &loaded.desired,
        policy: &project.policy,
        request: &request,
        grounds: &grounds,
        account_key,
    };
    let mut selected = Selected::of(source, &filter(args));
    check_accounts(&selected)?;
    let files = Files { opened: &opened, root: &loaded.root, org: &target.name };
    let (draft, proof) = files.proven(&mut selected, project.orgs.len() > 1)?;
    output.say(&connection.usage())?;
    tell(global, output, (&draft, &proof, &current))?;
    if project.orgs.len() > 1 && draft.files.iter().any(|file| opened.is_shared(&file.path)) {
        let mut text = String::new();
        render::shared_by_orgs(&mut text, &output.err)?;
        output.say(&text)?;
    }
    if args.dry_run {
        show(&draft, output, global.mask)?;
    } else {
        files.write(&draft)?;
    }
    let mut text = String::new();
    render::import_summary(&mut text, &draft, selected.declared(), !args.dry_run)?;
    output::result(&text)?;
    Ok(Exit::Done)
}

fn filter(args: &ImportArgs) -> Filter {
    Filter {
        accounts: args.account.clone(),
        profiles: args.profile.clone(),
        active_only: args.where_active,
    }
}

/// A pattern that fits nobody is most likely misspelt, and would look like an org without people.
fn check_accounts(selected: &Selected<'_>) -> Result<(), Failure> {
    let idle: Vec<String> = selected.idle().iter().map(|glob| format!("`{glob}`")).collect();
    if idle.is_empty() {
        return Ok(());
    }
    Err(Failure::error(anyhow::anyhow!("--account matches nobody's account: {}", idle.join(", ")))
        .hint("it is a glob over the names of accounts with portal users; nothing was written"))
}

/// The org's own words would show a query that nobody has written.
fn no_account_key(key: Option<&ApiName>, error: &OrgError) -> Option<Failure> {
    let OrgError::Query { object: "Account", error } = error else { return None };
    let is_missing = |key: &&ApiName| {
        error.code() == "INVALID_FIELD" && error.to_string().contains(key.as_str())
    };
    let key = key.filter(is_missing)?;
    let what = format!("Account has no field `{key}`, or this login cannot see it");
    Some(Failure::error(anyhow::anyhow!(what)).hint(
        "`--account-key` takes the API name of an external id of Account, such as ERP_Key__c",
    ))
}

fn check_profiles(wanted: &[String], current: &Current) -> Result<(), Failure> {
    let known = || current.profiles.iter().map(|profile| &*profile.name);
    let Some(unknown) = wanted.iter().find(|name| known().all(|one| one != **name)) else {
        return Ok(());
    };
    let hint = nearest(unknown, known()).map_or_else(
        || "profiles are named as Setup > Profiles shows them".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Err(Failure::error(anyhow::anyhow!("profile `{unknown}` does not exist in this org"))
        .hint(hint))
}

/// Says what is not in the files, and what comes of them.
fn tell(
    global: &Global,
    output: &Output,
    (draft, proof, current): (&Draft, &Proof, &Current),
) -> Result<(), Failure> {
    output.diagnostics(&proof.said, &SourceMap::default())?;
    let mut text = String::new();
    render::left_out(&mut text, draft, &output.err, global.mask)?;
    render::adopted(&mut text, proof.adopted.len(), &output.err)?;
    if current.frozen == Freezes::Invisible && !draft.files.is_empty() {
        render::freezes_hidden(&mut text, &output.err)?;
    }
    output.say(&text)
}

/// Shows what would be written. Where nobody is named, only the paths are.
fn show(draft: &Draft, output: &Output, mask: bool) -> Result<(), Failure> {
    for file in &draft.files {
        let mut text = String::new();
        if mask {
            render::imported(&mut text, file, 0)?;
        } else {
            let before = file.before.as_deref().unwrap_or_default();
            let shown = [before, &file.text].map(config::without_secrets);
            let [old, new] = &shown;
            let sides = (Side { text: before, shown: old }, Side { text: &file.text, shown: new });
            render::diff(&mut text, &file.path, sides, &output.out)?;
        }
        output::result(&text)?;
    }
    Ok(())
}

/// The files of a project, for one org.
struct Files<'a> {
    opened: &'a Opened,
    root: &'a Path,
    org: &'a OrgName,
}

impl Files<'_> {
    /// Composes files until everybody who is in them stands the proof. Each round leaves somebody out.
    fn proven(
        &self,
        selected: &mut Selected<'_>,
        several_orgs: bool,
    ) -> Result<(Draft, Proof), Failure> {
        loop {
            let draft = selected
                .compose(|path| self.existing(path), |path| self.opened.includes(self.org, path))
                .map_err(|NotIncluded(path)| not_included(&path))?;
            if draft.files.is_empty() {
                return Ok((draft, Proof::default()));
            }
            let texts = draft.texts();
            let loaded = self.opened.load_with(self.org, &texts);
            let mut found: Vec<Diagnostic> = loaded.diagnostics.clone();
            if several_orgs {
                found.extend(self.opened.load_all_with(&texts).diagnostics);
            }
            let mut proof = selected.proof(&draft, &loaded, &found);
            if proof.refused.is_empty() {
                return Ok((draft, proof));
            }
            selected.leave_out(std::mem::take(&mut proof.refused));
        }
    }

    fn existing(&self, path: &str) -> Existing {
        let path = self.root.join(path);
        let home = fs::canonicalize(self.root);
        let real = fs::canonicalize(&path);
        if let (Ok(home), Ok(real)) = (home, real)
            && !real.starts_with(home)
        {
            // Another project's file is no place for these people.
            return Existing::Other;
        }
        match fs::read_to_string(&path) {
            Ok(text) => Existing::Text(text),
            // A folder, or a link that leads nowhere, takes the place all the same.
            Err(_) if path.symlink_metadata().is_ok() => Existing::Other,
            Err(_) => Existing::Nothing,
        }
    }

    /// Writes the files, and then says which are there: nobody who stops listening stops the writing.
    fn write(&self, draft: &Draft) -> Result<(), Failure> {
        let mut written = 0;
        let ended = draft.files.iter().try_for_each(|file| {
            self.write_one(file)?;
            written += 1;
            Ok(())
        });
        let width = draft.files.iter().map(|file| file.path.chars().count()).max().unwrap_or(0);
        let mut lines = String::new();
        for file in draft.files.iter().take(written) {
            render::imported(&mut lines, file, width)?;
        }
        output::result(&lines)?;
        ended.map_err(|failure: Failure| {
            let all = count(draft.files.len(), "file");
            failure.hint(format!(
                "{written} of {all} were written; run it again for the rest: whoever is declared by then is left alone"
            ))
        })
    }

    fn write_one(&self, file: &UserFile) -> Result<(), Failure> {
        let path = self.root.join(&file.path);
        let Some(before) = &file.before else {
            return output::new_file(&path, &file.text);
        };
        if self.existing(&file.path) != Existing::Text(before.clone()) {
            let changed = format!("`{}` has changed in the meantime", file.path);
            return Err(Failure::error(anyhow::anyhow!(changed)));
        }
        // A link stays a link: what it leads to is replaced.
        output::replace_file(&fs::canonicalize(&path).unwrap_or(path), &file.text)
    }
}

fn not_included(path: &str) -> Failure {
    Failure::error(anyhow::anyhow!(
        "no pattern of `include` matches `{path}`, where it would be written"
    ))
    .hint("add a pattern such as \"users/**/*.toml\" to `[project] include`; nothing was written")
}
