//! Connected apps (external client apps): what signs in, as whom, and on which terms.
//! Source: Salesforce Help, "Manage OAuth Access Policies for a Connected App".

use std::net::Ipv4Addr;

use serde_json::{Map, Value as Json, json};

use super::id::Id;
use super::jwt::Certificate;

/// Credentials of an emulated org protect nothing, so they are the same everywhere.
pub(super) const CLIENT_ID: &str = "portalctl-emulator";
/// The secret that goes with it.
pub(super) const CLIENT_SECRET: &str = "emulator-client-secret";

/// An app that people and machines sign in through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct App {
    pub(super) name: String,
    /// The consumer key, `client_id` on the wire.
    pub(super) key: String,
    /// The consumer secret; an app without one does not ask for it.
    pub(super) secret: Option<String>,
    /// What assertions are checked with; without it there is no JWT bearer flow.
    pub(super) certificate: Option<Certificate>,
    /// The user of the client credentials flow.
    pub(super) run_as: Option<Id>,
    pub(super) permitted: Permitted,
    /// Those with a say in that.
    pub(super) users: Vec<Id>,
    pub(super) scopes: Vec<String>,
    /// Where one may come from; empty, from everywhere.
    pub(super) ranges: Vec<(Ipv4Addr, Ipv4Addr)>,
    /// A refresh token is good for one use and replaced.
    pub(super) rotates: bool,
}

/// Who may sign in without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permitted {
    /// Everybody.
    All,
    /// Those who have approved the app themselves.
    SelfAuthorize,
    /// Those whom an administrator has assigned to it.
    AdminApproved,
}

const PERMITTED: [(Permitted, &str); 3] = [
    (Permitted::All, "All"),
    (Permitted::SelfAuthorize, "SelfAuthorize"),
    (Permitted::AdminApproved, "AdminApproved"),
];

const KEYS: [&str; 10] = [
    "Name",
    "ConsumerKey",
    "ConsumerSecret",
    "Certificate",
    "RunAs",
    "PermittedUsers",
    "Users",
    "Scopes",
    "LoginIpRanges",
    "RotateRefreshTokens",
];

impl App {
    /// The app that every org has.
    pub(super) fn standard(run_as: Option<Id>) -> Self {
        Self {
            name: "portalctl".to_owned(),
            key: CLIENT_ID.to_owned(),
            secret: Some(CLIENT_SECRET.to_owned()),
            certificate: None,
            run_as,
            permitted: Permitted::All,
            users: Vec::new(),
            scopes: ["id", "api", "refresh_token"].map(str::to_owned).to_vec(),
            ranges: Vec::new(),
            rotates: false,
        }
    }

    pub(super) fn has_scope(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope == name || scope == "full")
    }

    /// Whether a user may sign in through it.
    pub(super) fn permits(&self, user: Id) -> bool {
        self.permitted == Permitted::All || self.users.contains(&user)
    }

    /// Whether one may come from an address.
    pub(super) fn admits(&self, address: Ipv4Addr) -> bool {
        self.ranges.is_empty()
            || self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&address))
    }

    /// Reads an app from the keys of a seed or a kept state; what is wrong with it. `find` tells a
    /// user's id.
    pub(super) fn read(json: &Json, find: impl Fn(&str) -> Option<Id>) -> Result<Self, String> {
        let map = json.as_object().ok_or("a ConnectedApplication is a table")?;
        if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!("`{key}` is not a key of ConnectedApplication"));
        }
        let text = |key: &str| match map.get(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("`{key}` is text")),
        };
        let user =
            |name: &str| find(name).ok_or_else(|| format!("User `{name}` is not in this seed"));
        let key = text("ConsumerKey")?.ok_or("a ConnectedApplication needs a `ConsumerKey`")?;
        let mut app = Self {
            name: text("Name")?.unwrap_or_else(|| key.clone()),
            secret: text("ConsumerSecret")?,
            ..Self::standard(None)
        };
        app.key = key;
        app.run_as = text("RunAs")?.map(|name| user(&name)).transpose()?;
        if let Some(pem) = text("Certificate")? {
            let read = Certificate::read(&pem);
            app.certificate = Some(read.map_err(|error| format!("`Certificate`: {error}"))?);
        }
        if let Some(name) = text("PermittedUsers")? {
            let found = PERMITTED.iter().find(|(_, one)| *one == name);
            app.permitted = found
                .map(|(permitted, _)| *permitted)
                .ok_or("`PermittedUsers` is `All`, `SelfAuthorize` or `AdminApproved`")?;
        }
        for name in texts(map, "Users")? {
            app.users.push(user(&name)?);
        }
        if map.contains_key("Scopes") {
            app.scopes = texts(map, "Scopes")?;
        }
        for range in texts(map, "LoginIpRanges")? {
            let ends =
                range.split_once('-').map(|(from, to)| (from.trim().parse(), to.trim().parse()));
            let Some((Ok(from), Ok(to))) = ends else {
                return Err(format!("`{range}` is not a range such as `10.0.0.0-10.0.0.255`"));
            };
            app.ranges.push((from, to));
        }
        app.rotates = map.get("RotateRefreshTokens") == Some(&Json::Bool(true));
        Ok(app)
    }

    /// What [`read`](Self::read) takes, users by their ids.
    pub(super) fn write(&self) -> Json {
        let permitted = PERMITTED.iter().find(|(one, _)| *one == self.permitted);
        let mut map = Map::new();
        let texts = [
            ("Name", Some(self.name.clone())),
            ("ConsumerKey", Some(self.key.clone())),
            ("ConsumerSecret", self.secret.clone()),
            ("Certificate", self.certificate.as_ref().map(Certificate::pem)),
            ("RunAs", self.run_as.map(|id| id.to_string())),
            ("PermittedUsers", permitted.map(|(_, name)| (*name).to_owned())),
        ];
        for (key, text) in texts {
            map.extend(text.map(|text| (key.to_owned(), Json::from(text))));
        }
        let users: Vec<String> = self.users.iter().map(Id::to_string).collect();
        let ranges: Vec<String> =
            self.ranges.iter().map(|(from, to)| format!("{from}-{to}")).collect();
        map.insert("Users".to_owned(), json!(users));
        map.insert("Scopes".to_owned(), json!(self.scopes));
        map.insert("LoginIpRanges".to_owned(), json!(ranges));
        map.insert("RotateRefreshTokens".to_owned(), json!(self.rotates));
        Json::Object(map)
    }
}

fn texts(map: &Map<String, Json>, key: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("`{key}` is a list of texts");
    match map.get(key) {
        None => Ok(Vec::new()),
        Some(Json::Array(list)) => {
            list.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}
