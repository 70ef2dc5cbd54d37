//! Who one is: `userinfo` and the identity URL.
//! Source: Salesforce Help, "Identity URLs" and "User Info"; bodies as recorded.

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::{Answer, ApiError, Call, World, bad_token};
use crate::emulator::id::Id;
use crate::emulator::schema::Object;
use crate::emulator::store::Row;
use crate::emulator::value::Value;

/// The user types in the words of the identity service: `CspLitePortal` is `CSP_LITE_PORTAL`.
fn shouted(user_type: &str) -> String {
    let mut text = String::new();
    for c in user_type.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_uppercase());
    }
    text
}

/// Somebody whose session is good.
struct Person<'a> {
    world: &'a World,
    id: Id,
    row: &'a Row,
}

impl<'a> Person<'a> {
    fn of(world: &'a World, token: Option<&str>) -> Option<Self> {
        let session = world.session(token?)?;
        let id = session.actor.user.or(world.org.running_user)?;
        Some(Self { world, id, row: world.org.row(Object::USER, id)? })
    }

    /// A field as JSON.
    fn get(&self, name: &str) -> Json {
        self.value(name).json()
    }

    fn value(&self, name: &str) -> Value {
        self.world.org.value_of(Object::USER, self.row, name)
    }

    fn user_type(&self) -> String {
        self.value("UserType").as_text().map(shouted).unwrap_or_default()
    }

    /// The offset of their zone, without summer time, in milliseconds.
    fn offset(&self) -> i64 {
        let zone = self.value("TimeZoneSidKey");
        let zone = zone.as_text().and_then(|name| TimeZone::get(name).ok());
        let now = self.world.org.now();
        zone.map_or(0, |zone| {
            let info = zone.to_offset_info(now);
            let summer = if info.dst().is_dst() { 3600 } else { 0 };
            (i64::from(info.offset().seconds()) - summer) * 1000
        })
    }
}

/// `GET /services/oauth2/userinfo`.
pub(in crate::emulator::routes) fn user_info(world: &World, call: &Call) -> Answer {
    let Some(person) = Person::of(world, call.token()) else { return bad_token() };
    let url = instance_url(world, call);
    let body = json!({
        "sub": address_of(world, call, Some(person.id)),
        "user_id": person.id.to_string(),
        "organization_id": world.org_id().map(|id| id.to_string()),
        "preferred_username": person.get("Username"),
        "nickname": person.get("CommunityNickname"),
        "name": person.get("Name"),
        "email": person.get("Email"),
        "email_verified": true,
        "given_name": person.get("FirstName"),
        "family_name": person.get("LastName"),
        "zoneinfo": person.get("TimeZoneSidKey"),
        "photos": photos(&url),
        "profile": format!("{url}/{}", person.id),
        "picture": format!("{url}/profilephoto/005/F"),
        "address": {},
        "urls": urls(world, call),
        "active": person.get("IsActive"),
        "user_type": person.user_type(),
        "language": person.get("LanguageLocaleKey"),
        "locale": person.get("LocaleSidKey"),
        "utcOffset": person.offset(),
        "updated_at": person.get("LastModifiedDate"),
        "is_app_installed": true,
    });
    Answer::json(200, &body).uncounted()
}

/// `GET /id/ORG/USER`.
pub(in crate::emulator::routes) fn identity(world: &World, call: &Call) -> Answer {
    let token =
        call.token().or_else(|| call.param("access_token").or_else(|| call.param("oauth_token")));
    let Some(person) = Person::of(world, token) else { return bad_token() };
    let asked = |at: usize| call.path.get(at).and_then(|text| Id::parse(text));
    if asked(1) != world.org_id() || asked(2) != Some(person.id) {
        return ApiError::not_found().into();
    }
    let url = instance_url(world, call);
    let body = json!({
        "id": address_of(world, call, Some(person.id)),
        "asserted_user": true,
        "user_id": person.id.to_string(),
        "organization_id": world.org_id().map(|id| id.to_string()),
        "username": person.get("Username"),
        "nick_name": person.get("CommunityNickname"),
        "display_name": person.get("Name"),
        "email": person.get("Email"),
        "email_verified": true,
        "first_name": person.get("FirstName"),
        "last_name": person.get("LastName"),
        "timezone": person.get("TimeZoneSidKey"),
        "photos": photos(&url),
        "addr_street": person.get("Street"),
        "addr_city": person.get("City"),
        "addr_state": person.get("State"),
        "addr_country": person.get("Country"),
        "addr_zip": person.get("PostalCode"),
        "mobile_phone": person.get("MobilePhone"),
        "mobile_phone_verified": false,
        "is_lightning_login_user": false,
        "status": { "created_date": null, "body": null },
        "urls": urls(world, call),
        "active": person.get("IsActive"),
        "user_type": person.user_type(),
        "language": person.get("LanguageLocaleKey"),
        "locale": person.get("LocaleSidKey"),
        "utcOffset": person.offset(),
        "last_modified_date": person.get("LastModifiedDate"),
        "is_app_installed": true,
    });
    Answer::json(200, &body).uncounted()
}

fn photos(url: &str) -> Json {
    json!({ "picture": format!("{url}/profilephoto/005/F"),
        "thumbnail": format!("{url}/profilephoto/005/T") })
}

/// The addresses of the org's interfaces, with a place for the version unless one was asked for.
fn urls(world: &World, call: &Call) -> Json {
    let url = instance_url(world, call);
    let newest = format!("{}.0", world.org.settings.versions.1);
    let version = match call.param("version") {
        Some("latest") => &newest,
        Some(version) => version,
        None => "{version}",
    };
    let data = format!("{url}/services/data/v{version}/");
    json!({
        "enterprise": format!("{url}/services/Soap/c/{version}"),
        "metadata": format!("{url}/services/Soap/m/{version}"),
        "partner": format!("{url}/services/Soap/u/{version}"),
        "rest": data,
        "sobjects": format!("{data}sobjects/"),
        "search": format!("{data}search/"),
        "query": format!("{data}query/"),
        "recent": format!("{data}recent/"),
        "tooling_soap": format!("{url}/services/Soap/T/{version}"),
        "tooling_rest": format!("{data}tooling/"),
        "profile": format!("{url}/"),
        "feeds": format!("{data}chatter/feeds"),
        "groups": format!("{data}chatter/groups"),
        "users": format!("{data}chatter/users"),
        "feed_items": format!("{data}chatter/feed-items"),
        "feed_elements": format!("{data}chatter/feed-elements"),
        "custom_domain": url,
    })
}

/// The address that tells who is asking.
pub(in crate::emulator::routes) fn identity_url(world: &World, call: &Call) -> String {
    let session = call.token().and_then(|token| world.session(token));
    let user = session.and_then(|session| session.actor.user).or(world.org.running_user);
    address_of(world, call, user)
}

/// The address that tells who a user is.
pub(super) fn address_of(world: &World, call: &Call, user: Option<Id>) -> String {
    let text = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
    format!("{}/id/{}/{}", instance_url(world, call), text(world.org_id()), text(user))
}

/// The org as the caller has reached it.
pub(super) fn instance_url(world: &World, call: &Call) -> String {
    format!("{}://{}", world.scheme, call.header("host").unwrap_or("127.0.0.1"))
}
