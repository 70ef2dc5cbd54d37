//! One user of the org, as far as a file would name them whatever it says above their entry.

use jiff::civil::Date;

use crate::config::account_fits;
use crate::model::{
    AccessKind, AccountRef, CurrentUser, DeclaredState, PortalKind, PortalRole, ProfileName,
    SetGrant, UserField, Username, Value, day_of,
};
use crate::plan::HIDDEN;

use super::Org;
use super::left_out::{LeftOut, Why};

/// Somebody who can be declared.
pub(super) struct Person<'a> {
    pub(super) user: &'a CurrentUser,
    /// Without the org's suffix.
    pub(super) username: Username,
    pub(super) account: AccountRef,
    pub(super) account_name: &'a str,
    pub(super) profile: ProfileName,
    pub(super) role: Option<PortalRole>,
    /// Unstated, inactive or frozen.
    pub(super) state: DeclaredState,
}

impl<'a> Person<'a> {
    pub(super) fn of(user: &'a CurrentUser, org: &Org<'a>) -> Result<Self, LeftOut> {
        let leave = |why, detail| LeftOut { why, username: user.username.clone(), detail };
        let current = org.source.current;
        let username = without_suffix(user.username.as_str(), &org.source.request.username_suffix)
            .ok_or_else(|| leave(Why::WithoutSuffix, None))?;
        let username = Username::parse(username)
            .map_err(|fault| leave(Why::Username, Some(fault.to_string())))?;
        let (account, account_name) =
            org.account(user).map_err(|(why, detail)| leave(why, detail))?;
        let unseen = || leave(Why::Unwritable, Some("profile: it cannot be seen".to_owned()));
        let profile = org.index.profile(user.profile).ok_or_else(unseen)?;
        let unfit = |fault| leave(Why::Unwritable, Some(format!("profile: {fault}")));
        let has_role = PortalKind::of(&user.user_type).is_some();
        Ok(Self {
            user,
            username,
            account,
            account_name,
            profile: ProfileName::parse(&profile.name).map_err(unfit)?,
            role: user.role.as_ref().filter(|_| has_role).and_then(|role| role.level),
            state: match (user.active, current.frozen.of(user.id)) {
                (false, _) => DeclaredState::Inactive,
                (true, Some(_)) => DeclaredState::Frozen,
                (true, None) => DeclaredState::Unstated,
            },
        })
    }

    /// What decides where they are written.
    pub(super) fn order(&self) -> (&str, &AccountRef, &Username) {
        (self.account_name, &self.account, &self.username)
    }

    /// Whether it is known what a field holds: the login sees it, and the person does not hide it.
    pub(super) fn shows(&self, field: UserField) -> bool {
        self.user.fields.get(&field).is_some_and(|value| value.text() != Some(HIDDEN))
    }

    /// What a field holds, as far as that is known.
    pub(super) fn value(&self, field: UserField) -> Option<&'a str> {
        let text = self.user.fields.get(&field)?.text()?.trim();
        (!text.is_empty() && text != HIDDEN).then_some(text)
    }

    /// What they hold of a kind on the day of today in a zone.
    pub(super) fn grants(&self, kind: AccessKind, zone: &str, org: &Org<'_>) -> Vec<SetGrant> {
        let held = org.index.held(self.user.id, kind).into_iter();
        let grants = held.filter(|(name, _)| !org.ignored.hold(kind, name)).map(|(name, row)| {
            let expires = row.expires.map(|at| day_of(at, zone));
            SetGrant { name: name.clone(), expires }
        });
        grants.filter(|grant| !org.is_over(grant.expires, zone)).collect()
    }
}

impl<'a> Org<'a> {
    /// Whether a last day is over.
    pub(super) fn is_over(&self, last: Option<Date>, zone: &str) -> bool {
        // To look up the day of a zone takes its time.
        last.is_some_and(|last| last < self.source.request.today.in_zone(zone))
    }

    /// How a file names a user's account, and its name.
    fn account(
        &self,
        user: &'a CurrentUser,
    ) -> Result<(AccountRef, &'a str), (Why, Option<String>)> {
        let linked = user.contact.as_ref().ok_or((Why::Accountless, None))?;
        let id = linked.contact.account.ok_or((Why::Accountless, None))?;
        let name = linked.account_name.as_deref().ok_or((Why::AccountHidden, None))?;
        let named = AccountRef::Name(name.into());
        let found = self.index.accounts(&named);
        let Some(own) = found.iter().find(|account| account.id == id) else {
            return Err((Why::AccountHidden, Some(format!("`{name}`"))));
        };
        if found.len() == 1 {
            return match account_fits(name) {
                Ok(()) => Ok((named, name)),
                Err(fault) => Err((Why::AccountName, Some(format!("`{name}`: {fault}")))),
            };
        }
        let key = own.externals.iter().find(|one| self.source.account_key == Some(&one.field));
        let by_key = key.map(|key| AccountRef::External(key.clone().into()));
        match by_key.filter(|key| self.index.accounts(key).len() == 1) {
            Some(key) => Ok((key, name)),
            None => Err((Why::AccountAmbiguous, Some(format!("`{name}`")))),
        }
    }
}

/// The username as a file declares it: suffixes do not differ by case.
fn without_suffix<'t>(username: &'t str, suffix: &str) -> Option<&'t str> {
    let at = username.len().checked_sub(suffix.len())?;
    let (bare, end) = username.split_at_checked(at)?;
    end.eq_ignore_ascii_case(suffix).then_some(bare)
}

/// Whether two values of the catalogue are one.
pub(super) fn is_same(field: UserField, one: Option<&str>, other: &Value) -> bool {
    Value::of(one.unwrap_or_default()).same(other, field.info().kind)
}
