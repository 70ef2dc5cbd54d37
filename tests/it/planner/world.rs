//! More of an org for tests: licences of permission sets, groups, roles of accounts, sites, fields.

use std::collections::BTreeSet;
use std::sync::Arc;

use portalctl::model::*;
use portalctl::plan::{LicenseLine, Plan};

use super::fixture::{Scene, field};

pub(super) const KIM: &str = "kim.osei@acme.example";
pub(super) const JAMIE: &str = "jamie.rivera@acme.example";
pub(super) const NOOR: &str = "noor.haddad@acme.example";
pub(super) const CUSTOMER: &str = "Acme Customer";
pub(super) const PARTNER: &str = "Acme Partner";
pub(super) const PLUS: &str = "Acme Plus";

fn id(prefix: &str, number: usize) -> String {
    format!("{prefix}9d0{number:09}")
}

pub(super) fn set(name: &str) -> SetGrant {
    SetGrant { name: SetName::parse(name).unwrap(), expires: None }
}

pub(super) fn until(name: &str, day: &str) -> SetGrant {
    SetGrant { name: SetName::parse(name).unwrap(), expires: Some(day.parse().unwrap()) }
}

/// Declares grants of a kind.
pub(super) fn grant(declared: &mut DesiredUser, kind: AccessKind, grants: &[SetGrant]) {
    *Arc::make_mut(&mut declared.access).get_mut(kind) = Some(grants.iter().cloned().collect());
}

pub(super) fn once(declared: &mut DesiredUser, change: impl FnOnce(&mut OnCreate)) {
    let mut on_create = OnCreate::default();
    change(&mut on_create);
    declared.on_create = Arc::new(on_create);
}

impl Scene {
    /// A licence with a profile for it.
    pub(super) fn license(&mut self, name: &str, user_type: &str, profile: &str, total: i64) {
        let number = self.current.licenses.len() + 50;
        let license = UserLicenseId::observed(&id("100", number)).unwrap();
        self.current.licenses.push(UserLicense {
            id: license,
            name: name.into(),
            total,
            used: 0,
            counted: None,
            active: true,
            basis: LicenseBasis::Members { guessed: false },
        });
        self.current.profiles.push(Profile {
            id: ProfileId::observed(&id("00e", number)).unwrap(),
            name: profile.into(),
            user_type: UserType::observed(user_type),
            license,
        });
    }

    /// Customer Community Plus, with a profile.
    pub(super) fn plus(&mut self) {
        self.license("Customer Community Plus", "PowerCustomerSuccess", PLUS, 10);
    }

    pub(super) fn set_license(&mut self, name: &str, total: i64) -> PermissionSetLicenseId {
        let number = self.current.permission_set_licenses.len() + 1;
        let id = PermissionSetLicenseId::observed(&id("0PL", number)).unwrap();
        self.current.permission_set_licenses.push(PermissionSetLicense {
            id,
            name: SetName::parse(name).unwrap(),
            label: name.into(),
            total,
            used: 0,
            active: true,
        });
        id
    }

    /// A permission set that needs a permission set licence.
    pub(super) fn bound_set(&mut self, name: &str, license: PermissionSetLicenseId) {
        self.permission_set(name, None);
        let set = self.current.permission_sets.last_mut().unwrap();
        set.license = Some(SetBinding::PermissionSet(license));
    }

    pub(super) fn set_group(&mut self, name: &str) -> &mut PermissionSetGroup {
        let number = self.current.permission_set_groups.len() + 1;
        self.current.permission_set_groups.push(PermissionSetGroup {
            id: PermissionSetGroupId::observed(&id("0PG", number)).unwrap(),
            name: SetName::parse(name).unwrap(),
            failed: false,
            session: false,
        });
        self.current.permission_set_groups.last_mut().unwrap()
    }

    pub(super) fn group(&mut self, name: &str) {
        let number = self.current.groups.len() + 1;
        self.current.groups.push(PublicGroup {
            id: GroupId::observed(&id("00G", number)).unwrap(),
            name: SetName::parse(name).unwrap(),
        });
    }

    /// Gives something of any kind to a user.
    pub(super) fn hold(
        &mut self,
        username: &str,
        kind: AccessKind,
        name: &str,
        ends: Option<&str>,
    ) {
        let name = SetName::parse(name).unwrap();
        let current = &self.current;
        let what = match kind {
            AccessKind::PermissionSet => {
                current.permission_sets.iter().find(|s| s.name == name).unwrap().id.record()
            }
            AccessKind::PermissionSetGroup => {
                current.permission_set_groups.iter().find(|s| s.name == name).unwrap().id.record()
            }
            AccessKind::PermissionSetLicense => {
                current.permission_set_licenses.iter().find(|s| s.name == name).unwrap().id.record()
            }
            AccessKind::Group => {
                current.groups.iter().find(|s| s.name == name).unwrap().id.record()
            }
        };
        let user = current.users.iter().find(|u| u.username.as_str() == username).unwrap().id;
        let number = current.holdings.len() + 1;
        let row = RecordId::observed(&id("0Pa", number)).unwrap();
        let expires = ends.map(|at| at.parse().unwrap());
        self.current.holdings.push(Holding { kind, id: row, user, what, expires });
        if kind == AccessKind::PermissionSetLicense {
            let licenses = &mut self.current.permission_set_licenses;
            licenses.iter_mut().find(|l| l.name == name).unwrap().used += 1;
        }
    }

    pub(super) fn role(
        &mut self,
        account: &str,
        kind: PortalKind,
        level: PortalRole,
    ) -> UserRoleId {
        let number = self.current.account_roles.len() + 1;
        let role = UserRoleId::observed(&id("00E", number)).unwrap();
        let account = self.current.accounts.iter().find(|a| &*a.name == account).unwrap();
        self.current.account_roles.push(AccountRole {
            id: role,
            name: format!("{} {}", account.name, level.api_value()).into(),
            account: account.id,
            kind,
            level,
        });
        role
    }

    /// A live site for the people of a profile or a permission set.
    pub(super) fn site(&mut self, name: &str, welcomes: bool, way_in: &str) -> &mut Site {
        let profile = self.current.profiles.iter().find(|p| &*p.name == way_in);
        let set = self.current.permission_sets.iter().find(|s| s.name.as_str() == way_in);
        let way_in = profile.map(|p| p.id.record()).or(set.map(|s| s.id.record())).unwrap();
        let mut sites = self.current.sites.seen().to_vec();
        sites.push(Site {
            name: name.into(),
            live: true,
            welcomes,
            admits: BTreeSet::from([way_in]),
        });
        self.current.sites = Sites::Seen(sites);
        let Sites::Seen(sites) = &mut self.current.sites else { unreachable!() };
        sites.last_mut().unwrap()
    }

    /// Adds a field to `User`, changed as the test needs it.
    pub(super) fn user_field(
        &mut self,
        name: &str,
        shape: FieldShape,
        change: impl FnOnce(&mut FieldDef),
    ) {
        let fields = self.current.described.user.iter().cloned();
        let mut one = field(name, shape);
        change(&mut one);
        self.current.described.user = ObjectFields::of(fields.chain([one]).collect::<Vec<_>>());
    }

    pub(super) fn contact_field(
        &mut self,
        name: &str,
        shape: FieldShape,
        change: impl FnOnce(&mut FieldDef),
    ) {
        let fields = self.current.described.contact.iter().cloned();
        let mut one = field(name, shape);
        change(&mut one);
        self.current.described.contact = ObjectFields::of(fields.chain([one]).collect::<Vec<_>>());
    }

    /// The only finding with a code.
    pub(super) fn finding(&self, code: Code) -> Option<Diagnostic> {
        let mut found: Vec<_> =
            self.plan().diagnostics.into_iter().filter(|one| one.code == code).collect();
        assert!(found.len() <= 1, "{found:#?}");
        found.pop()
    }

    /// The seats of a licence. An org is asked who gets none.
    pub(super) fn seats(&self, name: &str) -> LicenseLine {
        self.lines();
        line(&self.plan(), name)
    }

    /// Who may be mailed, and why.
    pub(super) fn mails(&self) -> Vec<String> {
        let why = |mail: &portalctl::plan::Mail| {
            mail.reasons
                .iter()
                .map(portalctl::plan::MailReason::as_str)
                .collect::<Vec<_>>()
                .join("+")
        };
        self.plan().mails.iter().map(|mail| format!("{} {}", mail.username, why(mail))).collect()
    }
}

pub(super) fn line(plan: &Plan, name: &str) -> LicenseLine {
    plan.licenses.iter().find(|line| &*line.name == name).unwrap().clone()
}
