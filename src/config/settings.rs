//! portalctl.toml: everything in it but the levels of users.

use std::collections::BTreeMap;

use globset::Glob;

use crate::model::{
    ApiVersion, AuthKind, Code, Diagnostic, EmailPolicy, OrgId, OrgName, OrgSettings, OrgTarget,
    Place, Policy, Project, ProjectName,
};

use super::allow;
use super::layer::{self, Layer};
use super::level::{Level, Rank};
use super::reader::{Entry, Reader, Table};
use super::rules::{self, OwnershipKeys};

/// The project file as it was read.
#[derive(Clone, Default)]
pub(super) struct ProjectFile {
    pub(super) name: Option<ProjectName>,
    pub(super) include: Vec<Include>,
    pub(super) default_org: Option<(OrgName, Place)>,
    pub(super) api_version: Option<ApiVersion>,
    pub(super) orgs: BTreeMap<OrgName, OrgSettings>,
    /// Files that concern one org alone.
    pub(super) org_files: BTreeMap<OrgName, OrgFiles>,
    /// Without what stands in `layer`.
    pub(super) policy: Policy,
    pub(super) on_create: Level,
    pub(super) layer: Layer,
}

/// A glob over files, with its place if it was written down.
#[derive(Clone)]
pub(super) struct Include {
    pub(super) glob: String,
    pub(super) place: Option<Place>,
}

/// Files that concern one org alone.
#[derive(Clone, Default)]
pub(super) struct OrgFiles {
    pub(super) overlay: Option<(String, Place)>,
    pub(super) include: Vec<Include>,
}

/// Reads the project file.
pub(super) fn read(reader: &mut Reader<'_>, mut table: Table<'_>) -> ProjectFile {
    let mut file = ProjectFile::default();
    match table.take("project") {
        Some(entry) => project(reader, entry, &mut file),
        None => {
            let found = Diagnostic::new(Code::MissingKey, "`[project]` is missing")
                .help("begin the file with [project] and name = \"acme-portal\"");
            reader.report(found, &(0..0));
            file.include.push(usual_include());
        }
    }
    for entry in reader.named(table.take("orgs")) {
        org(reader, entry, &mut file);
    }
    if let Some(entry) = table.take("on_create") {
        file.on_create = layer::shared(reader, entry, Rank::OnCreate);
    }
    file.layer = layer::read(reader, &mut table);
    let policy = &mut file.policy;
    if let Some(entry) = table.take("contacts") {
        policy.contacts = rules::contacts(reader, entry);
    }
    if let Some(entry) = table.take("permission_sets") {
        policy.permission_sets = rules::permission_sets(reader, entry);
    }
    if let Some(entry) = table.take("allow") {
        for item in reader.items(entry) {
            policy.allows.extend(allow::read(reader, item, &file.orgs));
        }
    }
    for entry in reader.named(table.take("licenses")) {
        rules::license(reader, entry, &mut policy.licenses);
    }
    if let Some(entry) = table.take("policy") {
        policy.rules = rules::policy(reader, entry);
    }
    reader.close(table, "portalctl.toml");
    file
}

impl ProjectFile {
    /// The project as one org sees it; absent, if it has no name.
    pub(super) fn finish(&self) -> Option<Project> {
        let mut policy = self.policy.clone();
        policy.safety = self.layer.safety.finish();
        policy.ownership = self.layer.ownership.clone().map(OwnershipKeys::finish);
        Some(Project {
            name: self.name.clone()?,
            default_org: self.default_org.as_ref().map(|(name, _)| name.clone()),
            api_version: self.api_version,
            orgs: self.orgs.clone(),
            policy,
        })
    }
}

fn project(reader: &mut Reader<'_>, entry: Entry<'_>, file: &mut ProjectFile) {
    let Some(mut table) = reader.table(entry) else {
        return;
    };
    match table.take("name") {
        Some(name) => {
            let help = "write a name such as \"acme-portal\"";
            file.name = reader.parsed(name, ProjectName::parse, help);
        }
        None => {
            let found = Diagnostic::new(Code::MissingKey, "`name` is missing in `[project]`")
                .help("write name = \"acme-portal\"");
            reader.report(found, &table.span());
        }
    }
    match table.take("include") {
        Some(list) => file.include = globs(reader, list),
        None => file.include.push(usual_include()),
    }
    if let Some(entry) = table.take("default_org") {
        let place = reader.place(&entry.span());
        file.default_org = reader
            .parsed(entry, OrgName::parse, "name an [orgs.NAME] table")
            .map(|name| (name, place));
    }
    if let Some(entry) = table.take("api_version") {
        let version = |text: &str| match ApiVersion::parse(text) {
            Ok(old) if old < ApiVersion::OLDEST => {
                Err(format!("{} is the oldest version that has what is needed", ApiVersion::OLDEST))
            }
            version => version.map_err(|error| error.to_string()),
        };
        file.api_version = reader.parsed(entry, version, "write a version such as \"66.0\"");
    }
    reader.close(table, "`[project]`");
}

/// Where user files are, if nothing else is said.
fn usual_include() -> Include {
    Include { glob: "users/**/*.toml".to_owned(), place: None }
}

/// The value of `include`.
fn globs(reader: &mut Reader<'_>, list: Entry<'_>) -> Vec<Include> {
    let mut globs = Vec::new();
    for item in reader.items(list) {
        let place = Some(reader.place(&item.span()));
        let glob = reader.parsed(item, pattern, "write a glob such as \"users/**/*.toml\"");
        globs.extend(glob.map(|glob| Include { glob, place }));
    }
    globs
}

/// The path of a file inside the project folder.
fn path(text: &str) -> Result<String, String> {
    if text.is_empty() || text.ends_with('/') {
        return Err("it is not the path of a file".to_owned());
    }
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err("the path leaves the project folder".to_owned());
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    Ok(parts.join("/"))
}

/// A glob over paths inside the project folder.
fn pattern(text: &str) -> Result<String, String> {
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err("the pattern leaves the project folder".to_owned());
    }
    Glob::new(text).map_err(|error| format!("it is not a glob: {}", error.kind()))?;
    Ok(text.to_owned())
}

fn org(reader: &mut Reader<'_>, entry: Entry<'_>, file: &mut ProjectFile) {
    let place = reader.place(&entry.key_span());
    let name = match OrgName::parse(entry.key) {
        Ok(name) => Some(name),
        Err(error) => {
            reader.report(
                Diagnostic::new(Code::InvalidValue, error.to_string()).help("rename the table"),
                &entry.key_span(),
            );
            None
        }
    };
    let Some(mut table) = reader.table(entry) else {
        return;
    };
    let target = target(reader, &mut table, entry);
    let org_id = table.take("org_id").and_then(|entry| org_id(reader, entry));
    let username_suffix = table.take("username_suffix").and_then(|entry| {
        reader.parsed(entry, suffix, "write what the org adds to usernames, such as \".uat\"")
    });
    let email = table.take("email").and_then(|entry| {
        let words = [
            ("as-declared", EmailPolicy::AsDeclared),
            ("keep-invalid", EmailPolicy::KeepInvalid),
            ("append-invalid", EmailPolicy::AppendInvalid),
        ];
        reader.word(entry, &words)
    });
    let auth = table.take("auth").and_then(|entry| auth(reader, entry));
    let help = "write it as the org has it; a secret has no place here";
    let client_id = table.take("client_id").and_then(|entry| reader.parsed(entry, word, help));
    let username = table.take("username").and_then(|entry| reader.parsed(entry, word, help));
    let overlay = table.take("overlay").and_then(|entry| {
        let place = reader.place(&entry.span());
        let help = "write the path of a TOML file in the project folder";
        reader.parsed(entry, path, help).map(|path| (path, place))
    });
    let include = table.take("include").map(|list| globs(reader, list)).unwrap_or_default();
    reader.close(table, "an org");
    let Some(name) = name else {
        return;
    };
    file.org_files.insert(name.clone(), OrgFiles { overlay, include });
    if let Some(target) = target {
        let settings = OrgSettings {
            target,
            org_id,
            username_suffix: username_suffix.unwrap_or_default(),
            email,
            auth: auth.unwrap_or(AuthKind::Auto),
            client_id,
            username,
            place,
        };
        file.orgs.insert(name, settings);
    }
}

fn target(reader: &mut Reader<'_>, table: &mut Table<'_>, org: Entry<'_>) -> Option<OrgTarget> {
    let help = "write the URL where one signs in, such as \"https://acme.my.salesforce.com\"";
    match (table.take("login_url"), table.take("emulator")) {
        (Some(url), None) => reader.parsed(url, login_url, help).map(OrgTarget::LoginUrl),
        (None, Some(seed)) => reader.string(seed).map(|path| OrgTarget::Emulator(path.to_owned())),
        (url, seed) => {
            let message = match (url, seed) {
                (None, None) => format!("org `{}` has neither `login_url` nor `emulator`", org.key),
                _ => format!("org `{}` has both `login_url` and `emulator`", org.key),
            };
            let found = Diagnostic::new(Code::OrgTarget, message).help(
                "`login_url` is for a real org, `emulator` for a seed file: write one of them",
            );
            reader.report(found, &org.key_span());
            None
        }
    }
}

fn login_url(text: &str) -> Result<String, String> {
    let (scheme, rest) = text.split_once("://").ok_or("it is not a URL")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let loopback = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    if authority.contains('@') {
        return Err("it contains a username or password".to_owned());
    }
    if host.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it is not a URL".to_owned());
    }
    match scheme {
        "https" => Ok(text.to_owned()),
        "http" if loopback => Ok(text.to_owned()),
        "http" => Err("plain http is for this machine alone".to_owned()),
        _ => Err("it is not an https URL".to_owned()),
    }
}

fn org_id(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<OrgId> {
    let observed = |text: &str| {
        if text.starts_with("00D") { OrgId::observed(text) } else { OrgId::parse(text) }
    };
    let id = reader.parsed(
        entry,
        observed,
        "an org's id starts with 00D and has 15 or 18 characters",
    )?;
    if OrgId::parse(id.as_str()).is_err() {
        let found = Diagnostic::new(
            Code::OrgIdChecksum,
            "the last three characters of `org_id` do not match the rest",
        )
        .help("compare it with Setup > Company Information; the first fifteen characters count");
        reader.report(found, &entry.span());
    }
    Some(id)
}

fn suffix(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("a suffix is made of letters, digits, `.`, `-` and `_`".to_owned())
    }
}

fn auth(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<AuthKind> {
    let words = [
        ("auto", AuthKind::Auto),
        ("access-token", AuthKind::AccessToken),
        ("jwt", AuthKind::Jwt),
        ("client-credentials", AuthKind::ClientCredentials),
        ("refresh-token", AuthKind::RefreshToken),
        ("sf-cli", AuthKind::SfCli),
    ];
    reader.word(entry, &words)
}

/// Something without blanks.
fn word(text: &str) -> Result<String, &'static str> {
    let blank = |c: char| c.is_whitespace() || c.is_control();
    if text.is_empty() || text.contains(blank) {
        return Err("it is empty or has a blank in it");
    }
    Ok(text.to_owned())
}
