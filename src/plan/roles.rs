//! Roles of accounts: found by account, kind of portal user and level, compared by level alone.
//! Salesforce makes the roles, and may move a user between roles of one level by itself.
//!
//! Source: Salesforce Help, articles 005167124 and 005167126; Object Reference, User, `PortalRole`.

use crate::model::{
    Account, ApiName, Code, CurrentUser, DesiredUser, Diagnostic, PortalKind, PortalRole, Profile,
};

use super::Planner;
use super::change::{Datum, FieldChange, Object};

/// What is to be done about a user's role.
#[derive(Default)]
pub(super) struct RolePlan {
    pub(super) change: Option<FieldChange>,
    pub(super) problem: Option<Diagnostic>,
    pub(super) remark: Option<Diagnostic>,
}

impl RolePlan {
    fn refuse(problem: Diagnostic) -> Self {
        Self { problem: Some(problem), ..Self::default() }
    }
}

impl Planner<'_> {
    /// The role of a user, new if `user` is absent, who has or gets `profile` in `account`.
    pub(super) fn portal_role(
        &self,
        declared: &DesiredUser,
        user: Option<&CurrentUser>,
        (profile, account): (&Profile, &Account),
    ) -> RolePlan {
        let at_create = declared.on_create.portal_role.filter(|_| user.is_none());
        let Some(level) = declared.portal_role.or(at_create) else {
            return RolePlan::default();
        };
        let Some(kind) = PortalKind::of(&profile.user_type) else {
            return RolePlan::refuse(without_roles(profile));
        };
        let held = user.and_then(|user| user.role.as_ref());
        let stays = user.is_some_and(|user| {
            PortalKind::of(&user.user_type) == Some(kind)
                && user.contact.as_ref().and_then(|linked| linked.contact.account)
                    == Some(account.id)
        });
        if stays && held.and_then(|role| role.level) == Some(level) {
            return RolePlan::default();
        }
        let before = held.map_or(Datum::Null, |role| Datum::of(&role.name));
        let roles = self.index.account_roles(account.id, kind);
        if let Some(role) = roles.iter().find(|role| role.level == level) {
            let after = Datum::Reference { id: role.id.record(), name: role.name.clone() };
            return RolePlan {
                change: Some(written("UserRoleId", before, after)),
                ..RolePlan::default()
            };
        }
        if !roles.is_empty() {
            let known: Vec<&str> = roles.iter().map(|role| role.level.as_str()).collect();
            return RolePlan::refuse(no_such_level(account, level, &known));
        }
        self.first_role(user, (account, level), before)
    }

    /// The account has no roles: Salesforce makes them with the first active user, who gets the
    /// lowest, unless the level is sent along.
    fn first_role(
        &self,
        user: Option<&CurrentUser>,
        (account, level): (&Account, PortalRole),
        before: Datum,
    ) -> RolePlan {
        if level == PortalRole::User {
            return RolePlan::default();
        }
        let field = self.index.current.described.user.get(&ApiName::of("PortalRole"));
        let may = field.is_some_and(|field| match user {
            None => field.createable,
            Some(_) => field.updateable,
        });
        if !may {
            return RolePlan::refuse(no_such_level(account, level, &[]));
        }
        let remark = Diagnostic::new(
            Code::RoleWithFirstUser,
            format!("account `{}` has no roles yet: the level `{}` is sent along, and Salesforce makes the roles", account.name, level.as_str()),
        )
        .help("if the org's accounts have fewer levels, Salesforce refuses the user: Setup > Digital Experiences > Settings");
        let after = Datum::of(level.api_value());
        RolePlan {
            change: Some(written("PortalRole", before, after)),
            remark: Some(remark),
            problem: None,
        }
    }
}

const fn written(field: &'static str, before: Datum, after: Datum) -> FieldChange {
    FieldChange { object: Object::User, field: ApiName::of(field), before, after }
}

fn without_roles(profile: &Profile) -> Diagnostic {
    Diagnostic::new(
        Code::RoleNeedsLicense,
        format!("profile `{}` belongs to a licence without roles", profile.name),
    )
    .help("leave `portal_role` out, or declare a profile of Customer Community Plus or Partner Community")
}

fn no_such_level(account: &Account, level: PortalRole, known: &[&str]) -> Diagnostic {
    let has = if known.is_empty() {
        "it has no roles yet".to_owned()
    } else {
        format!("it has {}", known.join(", "))
    };
    Diagnostic::new(
        Code::RoleMissing,
        format!("account `{}` has no role of level `{}`: {has}", account.name, level.as_str()),
    )
    .help("declare a lower level, or raise the number of roles in Setup > Digital Experiences > Settings")
}
