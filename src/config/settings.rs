//! portalctl.toml: everything in it but the levels of users.

use std::collections::BTreeMap;

use globset::Glob;
use toml::de::DeValue;

use crate::model::{
    Allow, ApiVersion, AuthKind, Code, ContactPolicy, Diagnostic, EmailPolicy, Limit, OrgId,
    OrgName, OrgSettings, OrgTarget, Place, Policy, ProjectName, Rule, Safety, SetMode, SetPolicy,
    nearest,
};

use super::level::{self, Level, Rank};
use super::reader::{Entry, Reader, Table};
use super::rules;

/// The project file as it was read.
#[derive(Default)]
pub(super) struct ProjectFile {
    pub(super) name: Option<ProjectName>,
    /// Globs, each with its place if it was written down.
    pub(super) include: Vec<(String, Option<Place>)>,
    pub(super) default_org: Option<(OrgName, Place)>,
    pub(super) api_version: Option<ApiVersion>,
    pub(super) orgs: BTreeMap<OrgName, OrgSettings>,
    pub(super) policy: Policy,
    pub(super) defaults: Level,
    pub(super) on_create: Level,
    pub(super) templates: BTreeMap<String, Template>,
}

/// A `[templates.NAME]` table.
pub(super) struct Template {
    pub(super) level: Level,
    pub(super) extends: Option<(String, Place)>,
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
        }
    }
    for entry in names(reader, table.take("orgs")) {
        org(reader, entry, &mut file.orgs);
    }
    if let Some(entry) = table.take("defaults") {
        file.defaults = shared(reader, entry, Rank::Defaults);
    }
    if let Some(entry) = table.take("on_create") {
        file.on_create = shared(reader, entry, Rank::OnCreate);
    }
    for entry in names(reader, table.take("templates")) {
        template(reader, entry, &mut file.templates);
    }
    let policy = &mut file.policy;
    if let Some(entry) = table.take("contacts") {
        policy.contacts = contacts(reader, entry);
    }
    if let Some(entry) = table.take("permission_sets") {
        policy.permission_sets = permission_sets(reader, entry);
    }
    if let Some(entry) = table.take("safety") {
        policy.safety = safety(reader, entry);
    }
    if let Some(entry) = table.take("allow") {
        for item in reader.items(entry) {
            policy.allows.extend(allow(reader, item, &file.orgs));
        }
    }
    if let Some(entry) = table.take("ownership") {
        file.policy.ownership = Some(rules::ownership(reader, entry));
    }
    for entry in names(reader, table.take("licenses")) {
        rules::license(reader, entry, &mut file.policy.licenses);
    }
    if let Some(entry) = table.take("policy") {
        file.policy.rules = rules::policy(reader, entry);
    }
    reader.close(table, "portalctl.toml");
    file
}

/// The tables below a table of names.
fn names<'d>(reader: &mut Reader<'_>, entry: Option<Entry<'d>>) -> Vec<Entry<'d>> {
    let table = entry.and_then(|entry| reader.table(entry));
    table.map(|mut table| table.drain()).unwrap_or_default()
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
        Some(list) => {
            for item in reader.items(list) {
                let place = reader.place(&item.span());
                if let Some(glob) =
                    reader.parsed(item, pattern, "write a glob such as \"users/**/*.toml\"")
                {
                    file.include.push((glob, Some(place)));
                }
            }
        }
        None => file.include.push(("users/**/*.toml".to_owned(), None)),
    }
    if let Some(entry) = table.take("default_org") {
        let place = reader.place(&entry.span());
        file.default_org = reader
            .parsed(entry, OrgName::parse, "name an [orgs.NAME] table")
            .map(|name| (name, place));
    }
    if let Some(entry) = table.take("api_version") {
        file.api_version =
            reader.parsed(entry, ApiVersion::parse, "write a version such as \"66.0\"");
    }
    reader.close(table, "`[project]`");
}

/// A glob over paths inside the project folder.
fn pattern(text: &str) -> Result<String, String> {
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err("the pattern leaves the project folder".to_owned());
    }
    Glob::new(text).map_err(|error| format!("it is not a glob: {}", error.kind()))?;
    Ok(text.to_owned())
}

fn org(reader: &mut Reader<'_>, entry: Entry<'_>, orgs: &mut BTreeMap<OrgName, OrgSettings>) {
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
    reader.refuse_later(&mut table, &["overlay", "include"]);
    reader.close(table, "an org");
    if let (Some(name), Some(target)) = (name, target) {
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
        orgs.insert(name, settings);
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

fn shared(reader: &mut Reader<'_>, entry: Entry<'_>, rank: Rank) -> Level {
    let Some(mut table) = reader.table(entry) else {
        return Level::default();
    };
    let level = level::read(reader, &mut table, rank);
    reader.close(table, rank.what());
    level
}

fn template(reader: &mut Reader<'_>, entry: Entry<'_>, templates: &mut BTreeMap<String, Template>) {
    let Some(mut table) = reader.table(entry) else {
        return;
    };
    let extends = table.take("extends").and_then(|entry| {
        let place = reader.place(&entry.span());
        reader.string(entry).map(|name| (name.to_owned(), place))
    });
    let level = level::read(reader, &mut table, Rank::Template);
    reader.close(table, Rank::Template.what());
    templates.insert(entry.key.to_owned(), Template { level, extends });
}

fn contacts(reader: &mut Reader<'_>, entry: Entry<'_>) -> ContactPolicy {
    let mut policy = ContactPolicy::default();
    let Some(mut table) = reader.table(entry) else {
        return policy;
    };
    for (key, value) in [("create", &mut policy.create), ("update", &mut policy.update)] {
        if let Some(given) = table.take(key).and_then(|entry| reader.boolean(entry)) {
            *value = given;
        }
    }
    if let Some(entry) = table.take("match") {
        policy.match_fields = rules::match_fields(reader, entry);
    }
    reader.close(table, "`[contacts]`");
    policy
}

fn permission_sets(reader: &mut Reader<'_>, entry: Entry<'_>) -> SetPolicy {
    let mut policy = SetPolicy::default();
    let Some(mut table) = reader.table(entry) else {
        return policy;
    };
    if let Some(entry) = table.take("mode") {
        let words = [("exact", SetMode::Exact), ("at-least", SetMode::AtLeast)];
        policy.mode = reader.word(entry, &words).unwrap_or_default();
    }
    if let Some(entry) = table.take("ignore") {
        for item in reader.items(entry) {
            policy.ignore.extend(rules::glob(reader, item, "write a glob such as \"ns__*\""));
        }
    }
    reader.close(table, "`[permission_sets]`");
    policy
}

fn safety(reader: &mut Reader<'_>, entry: Entry<'_>) -> Safety {
    let mut safety = Safety::default();
    let Some(mut table) = reader.table(entry) else {
        return safety;
    };
    for (key, limit) in [
        ("max_deactivations", &mut safety.deactivations),
        ("max_reactivations", &mut safety.reactivations),
        ("max_access_changes", &mut safety.access_changes),
    ] {
        if let Some(given) = table.take(key).and_then(|entry| self::limit(reader, entry)) {
            *limit = given;
        }
    }
    for (key, limit) in [
        ("max_creates", &mut safety.creates),
        ("max_updates", &mut safety.updates),
        ("max_emails", &mut safety.emails),
    ] {
        *limit = table.take(key).and_then(|entry| self::limit(reader, entry));
    }
    if let Some(entry) = table.take("keep_one_active_per_account") {
        safety.keep_one_active_per_account = reader.boolean(entry).unwrap_or(true);
    }
    reader.close(table, "`[safety]`");
    safety
}

fn limit(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<Limit> {
    if let DeValue::String(_) = entry.raw() {
        let percent = |text: &str| {
            let number = text.strip_suffix('%').and_then(|number| number.parse().ok());
            number.filter(|number| *number <= 100).ok_or("it is neither a count nor a percentage")
        };
        return reader.parsed(entry, percent, "write 25 or \"10%\"").map(Limit::Percent);
    }
    reader.count(entry).map(Limit::Count)
}

fn allow(
    reader: &mut Reader<'_>,
    item: Entry<'_>,
    orgs: &BTreeMap<OrgName, OrgSettings>,
) -> Option<Allow> {
    let mut table = reader.table(item)?;
    let place = reader.place(&item.span());
    let rule = required(reader, &mut table, &item, "rule").and_then(|entry| rule(reader, entry));
    let count = required(reader, &mut table, &item, "count").and_then(|entry| reader.count(entry));
    let expires =
        required(reader, &mut table, &item, "expires").and_then(|entry| reader.date(entry));
    let why = |text: &str| {
        if text.trim().is_empty() { Err("it is empty") } else { Ok(text.to_owned()) }
    };
    let reason = required(reader, &mut table, &item, "reason")
        .and_then(|entry| reader.parsed(entry, why, "say why this is allowed"));
    let org = table.take("org").and_then(|entry| known_org(reader, entry, orgs));
    reader.close(table, "`[[allow]]`");
    Some(Allow { rule: rule?, org, count: count?, reason: reason?, expires: expires?, place })
}

fn required<'d>(
    reader: &mut Reader<'_>,
    table: &mut Table<'d>,
    item: &Entry<'_>,
    key: &'static str,
) -> Option<Entry<'d>> {
    let entry = table.take(key);
    if entry.is_none() {
        let message = format!("`{key}` is missing in `[[allow]]`");
        let help = "an exception needs `rule`, `count`, `reason` and `expires`";
        reader.report(Diagnostic::new(Code::MissingKey, message).help(help), &item.span());
    }
    entry
}

fn rule(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<Rule> {
    let text = reader.string(entry)?;
    if let Some(rule) = Rule::from_text(text) {
        return Some(rule);
    }
    let rules = || Rule::ALL.iter().map(|rule| rule.as_str());
    let help = match nearest(text, rules()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("the rules are {}", rules().collect::<Vec<_>>().join(", ")),
    };
    reader.invalid(entry, &format!("\"{text}\" is not a rule"), help);
    None
}

fn known_org(
    reader: &mut Reader<'_>,
    entry: Entry<'_>,
    orgs: &BTreeMap<OrgName, OrgSettings>,
) -> Option<OrgName> {
    let name = reader.parsed(entry, OrgName::parse, "name an [orgs.NAME] table")?;
    if orgs.contains_key(&name) {
        return Some(name);
    }
    reader.report(unknown_org(&name, orgs), &entry.span());
    None
}

/// An org that no table defines.
pub(super) fn unknown_org(name: &OrgName, orgs: &BTreeMap<OrgName, OrgSettings>) -> Diagnostic {
    let found = Diagnostic::new(Code::UnknownOrg, format!("org `{name}` is not defined"));
    match nearest(name.as_str(), orgs.keys().map(OrgName::as_str)) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!("add a table [orgs.{name}]")),
    }
}
