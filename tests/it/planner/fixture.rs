//! A small org and declarations for it, written so that a test reads as a sentence.

use std::collections::BTreeMap;
use std::sync::Arc;

use portalctl::model::*;
use portalctl::plan::{Change, Plan, Request, Selection, diff};

use super::asked::{self, Why};

/// The org's name for accounts, profiles and licences in the tests.
pub(super) const ACME: &str = "Acme Corp";
pub(super) const CUSTOMER: &str = "Acme Customer";
pub(super) const PARTNER: &str = "Acme Partner";
pub(super) const KIM: &str = "kim.osei@acme.example";
pub(super) const JAMIE: &str = "jamie.rivera@acme.example";

pub(super) struct Scene {
    pub(super) current: Current,
    pub(super) desired: Desired,
    pub(super) policy: Policy,
    pub(super) request: Request,
    next: u32,
    unasked: Option<Why>,
}

fn id15(prefix: &str, number: u32) -> String {
    format!("{prefix}8d0{number:09}")
}

/// Somebody who changed a user.
pub(super) fn editor(id: UserId) -> Arc<Editor> {
    Arc::new(Editor { id, name: None })
}

/// Days are meant in this zone.
pub(super) fn in_zone(zone: &str) -> Arc<Shared> {
    Arc::new(Shared { zone: zone.into(), ..Shared::default() })
}

/// A moment that users keep.
pub(super) fn moment(text: &str) -> Moment {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

/// Two licences of ten seats, a profile for each, an internal one, and an account whose owner has a
/// role.
pub(super) fn scene() -> Scene {
    let license = |n, name: &str, total, used| UserLicense {
        id: UserLicenseId::observed(&id15("100", n)).unwrap(),
        name: name.into(),
        total,
        used,
        counted: None,
        active: true,
        basis: LicenseBasis::Members { guessed: false },
    };
    let profile = |n, name: &str, user_type: &str, license: u32| Profile {
        id: ProfileId::observed(&id15("00e", n)).unwrap(),
        name: name.into(),
        user_type: UserType::observed(user_type),
        license: UserLicenseId::observed(&id15("100", license)).unwrap(),
    };
    let mut scene = Scene {
        current: empty(
            vec![
                license(1, "Customer Community", 10, 0),
                license(2, "Partner Community", 10, 0),
                license(3, "Salesforce", 10, 1),
            ],
            vec![
                profile(1, "Acme Customer", "CspLitePortal", 1),
                profile(2, "Acme Partner", "PowerPartner", 2),
                profile(3, "System Administrator", "Standard", 3),
            ],
        ),
        desired: Desired::default(),
        policy: Policy::default(),
        request: Request {
            project: ProjectName::parse("acme-portal").unwrap(),
            org: OrgName::parse("prod").unwrap(),
            username_suffix: String::new(),
            email: None,
            allow: BTreeMap::new(),
            selection: Selection::default(),
            today: Today::Fixed("2026-11-24".parse().unwrap()),
        },
        next: 100,
        unasked: None,
    };
    scene.account(ACME);
    for set in ["Portal_Base", "Orders_Read", "Deal_Registration"] {
        scene.permission_set(set, None);
    }
    scene
}

/// An org with nobody in it.
fn empty(licenses: Vec<UserLicense>, profiles: Vec<Profile>) -> Current {
    Current {
        org: Org {
            id: OrgId::observed("00D8d0000000001").unwrap(),
            name: "Acme".to_owned(),
            is_sandbox: false,
            instance_url: "https://acme.my.salesforce.com".to_owned(),
        },
        running_user: RunningUser {
            id: UserId::observed(&id15("005", 1)).unwrap(),
            username: Username::observed("ci@acme.example"),
        },
        licenses,
        profiles,
        permission_sets: Vec::new(),
        permission_set_groups: Vec::new(),
        permission_set_licenses: Vec::new(),
        groups: Vec::new(),
        accounts: Vec::new(),
        contacts: Vec::new(),
        users: Vec::new(),
        holdings: Vec::new(),
        beside: Vec::new(),
        frozen: Freezes::default(),
        switches: BTreeMap::new(),
        described: described(),
        sites: Sites::default(),
        account_roles: Vec::new(),
        access_policies: Vec::new(),
    }
}

/// A field that can be written and may be empty.
pub(super) fn field(name: &str, shape: FieldShape) -> FieldDef {
    FieldDef {
        name: ApiName::parse(name).unwrap(),
        label: name.trim_end_matches("__c").replace('_', " ").into(),
        shape,
        createable: true,
        updateable: true,
        nillable: true,
        defaulted: false,
    }
}

/// What every org has, of the fields that matter.
pub(super) fn described() -> Described {
    let user = UserField::ALL.iter().map(|one| field(one.api_name(), FieldShape::Text(80)));
    let contact = ["FirstName", "LastName", "Email", "AccountId"];
    Described {
        user: ObjectFields::of(user.chain([field("PortalRole", FieldShape::Picklist(None))])),
        contact: ObjectFields::of(contact.map(|name| field(name, FieldShape::Text(80)))),
    }
}

impl Scene {
    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    pub(super) fn account(&mut self, name: &str) -> &mut Account {
        let id = AccountId::observed(&id15("001", self.number())).unwrap();
        let olive = "Olive Owner".to_owned();
        let owner = Owner { name: olive, has_role: true, active: true, inside: true };
        self.current.accounts.push(Account {
            id,
            name: name.into(),
            owner: owner.into(),
            is_person: false,
            is_partner: None,
            externals: Vec::new(),
        });
        self.current.accounts.last_mut().unwrap()
    }

    pub(super) fn permission_set(&mut self, name: &str, license: Option<u32>) -> PermissionSetId {
        let id = PermissionSetId::observed(&id15("0PS", self.number())).unwrap();
        let bound = |n| SetBinding::User(UserLicenseId::observed(&id15("100", n)).unwrap());
        let license = license.map(bound);
        let name = SetName::observed(name, None);
        self.current.permission_sets.push(PermissionSet { id, name, license, session: false });
        id
    }

    pub(super) fn contact(
        &mut self,
        account: &str,
        first: &str,
        last: &str,
        email: &str,
    ) -> ContactId {
        let id = ContactId::observed(&id15("003", self.number())).unwrap();
        let account = self.current.accounts.iter().find(|a| &*a.name == account).unwrap().id;
        self.current.contacts.push(Contact {
            id,
            account: Some(account),
            first_name: Some(first.into()),
            last_name: last.into(),
            email: Some(email.into()),
            custom: CustomValues::new(),
        });
        id
    }

    /// An active portal user with a contact in the account, who has exactly what `declare` says.
    pub(super) fn user(
        &mut self,
        username: &str,
        account: &str,
        profile: &str,
    ) -> &mut CurrentUser {
        let (first, last) = names(username);
        let account = self.current.accounts.iter().find(|a| &*a.name == account).unwrap();
        let (account, account_name) = (account.id, account.name.clone());
        let contact = ContactId::observed(&id15("003", self.number())).unwrap();
        let id = UserId::observed(&id15("005", self.number())).unwrap();
        let profile = self.current.profiles.iter().find(|p| &*p.name == profile).unwrap();
        let (profile, user_type, license) = (profile.id, profile.user_type, profile.license);
        if let Some(license) = self.current.licenses.iter_mut().find(|l| l.id == license) {
            license.used += 1;
        }
        self.current.users.push(CurrentUser {
            id,
            username: Username::observed(username),
            other_name: None,
            user_type,
            active: true,
            profile,
            contact: Some(LinkedContact {
                contact: Contact {
                    id: contact,
                    account: Some(account),
                    first_name: Some(first.as_str().into()),
                    last_name: last.as_str().into(),
                    email: Some(username.into()),
                    custom: CustomValues::new(),
                },
                account_name: Some(account_name),
            }),
            fields: [
                (UserField::FirstName, Value::of(&first)),
                (UserField::LastName, Value::of(&last)),
                (UserField::Email, Value::of(username)),
            ]
            .into(),
            custom: CustomValues::new(),
            role: None,
            last_login: None,
            last_password: None,
            privacy: Privacy::default(),
            last_modified_by: None,
            last_modified: None,
        });
        self.current.users.last_mut().unwrap()
    }

    pub(super) fn inactive(
        &mut self,
        username: &str,
        account: &str,
        profile: &str,
    ) -> &mut CurrentUser {
        self.user(username, account, profile);
        let (id, profile) = {
            let user = self.current.users.last_mut().unwrap();
            user.active = false;
            (user.id, user.profile)
        };
        let license = self.current.profiles.iter().find(|p| p.id == profile).unwrap().license;
        self.current.licenses.iter_mut().find(|l| l.id == license).unwrap().used -= 1;
        self.current.users.iter_mut().find(|u| u.id == id).unwrap()
    }

    pub(super) fn assign(&mut self, username: &str, set: &str, expires: Option<&str>) {
        let id = RecordId::observed(&id15("0Pa", self.number())).unwrap();
        let name = SetName::observed(set, None);
        let set = self.current.permission_sets.iter().find(|s| s.name == name).unwrap();
        let what = set.id.record();
        let user = self.current.users.iter().find(|u| u.username.as_str() == username).unwrap().id;
        let expires = expires.map(|at| at.parse().unwrap());
        let kind = AccessKind::PermissionSet;
        self.current.holdings.push(Holding { kind, id, user, what, expires });
    }

    /// The user with this username.
    pub(super) fn observed(&mut self, username: &str) -> &mut CurrentUser {
        let name = Username::observed(username);
        self.current.users.iter_mut().find(|user| user.username == name).unwrap()
    }

    pub(super) fn freeze(&mut self, username: &str) {
        let id = self.observed(username).id;
        if let Freezes::Seen(freezes) = &mut self.current.frozen {
            freezes.insert(id, Freeze { by: Some("Ann Admin".into()), at: None });
        }
    }

    /// The audit trail says that this user was switched off, and by whom.
    pub(super) fn switched(&mut self, user: UserId, by: Option<UserId>) {
        let switch = Switch { active: false, by, by_name: None, at: None };
        self.current.switches.insert(user, switch);
    }

    /// The user's contact is found by its address as well.
    pub(super) fn contact_of_user(&mut self, username: &str) {
        let contact = self.observed(username).contact.clone().unwrap().contact;
        self.current.contacts.push(contact);
    }

    /// A value of the contact that was made last.
    pub(super) fn contact_value(&mut self, name: &str, value: &str) {
        let contact = self.current.contacts.last_mut().unwrap();
        contact.custom.insert(ApiName::parse(name).unwrap(), Scalar::Text(value.into()));
    }

    /// The declaration of this username.
    pub(super) fn declared(&mut self, username: &str) -> &mut DesiredUser {
        let name = Username::observed(username);
        self.desired.users.iter_mut().find(|user| user.username == name).unwrap()
    }

    /// A declaration with names taken from the username.
    pub(super) fn declare(
        &mut self,
        username: &str,
        account: &str,
        profile: &str,
    ) -> &mut DesiredUser {
        let (first, last) = names(username);
        let line = u32::try_from(self.desired.users.len()).unwrap() * 10 + 1;
        let place =
            Place { file: "users/acme.toml".into(), line, column: 1, start: line, end: line };
        self.desired.users.push(DesiredUser {
            username: Username::parse(username).unwrap(),
            place,
            account: AccountRef::Name(account.into()),
            contact: None,
            profile: DeclaredProfile::Managed(ProfileName::parse(profile).unwrap()),
            fields: [
                (UserField::FirstName, Value::of(&first)),
                (UserField::LastName, Value::of(&last)),
                (UserField::Email, Value::of(username)),
            ]
            .into(),
            on_create: Arc::default(),
            state: DeclaredState::Unstated,
            starts: None,
            expires: None,
            access: Arc::default(),
            portal_role: None,
            renamed_from: Box::default(),
            activation: Activation::None,
            shared: Arc::default(),
            custom: CustomValues::new(),
            contact_custom: CustomValues::new(),
        });
        self.desired.users.last_mut().unwrap()
    }

    pub(super) fn plan(&self) -> Plan {
        diff(&self.desired, &self.current, &self.policy, &self.request)
    }

    /// The plan in lines. An org that is like the scene is asked whether it does what they say.
    pub(super) fn lines(&self) -> Vec<String> {
        let lines = lines_of(&self.plan());
        self.ask(&lines).unwrap_or_else(|otherwise| panic!("{otherwise}"));
        lines
    }

    /// Asks an org that is like the scene, and says what it does otherwise than the lines.
    pub(super) fn ask(&self, lines: &[String]) -> Result<(), String> {
        self.unasked.map_or_else(|| asked::ask(self, lines), |_| Ok(()))
    }

    /// No org can be like this scene.
    pub(super) fn not_asked(&mut self, why: Why) {
        self.unasked = Some(why);
    }
}

/// One line a change, then a line a blocker, then the codes of errors and warnings about people.
pub(super) fn lines_of(plan: &Plan) -> Vec<String> {
    let mut lines: Vec<String> = plan.changes.iter().map(line).collect();
    lines.extend(plan.blockers.iter().map(|blocker| format!("BLOCKED {}", blocker.allow())));
    lines.extend(
        plan.diagnostics
            .iter()
            .filter(|found| found.username.is_some() && found.severity != Severity::Note)
            .map(|found| format!("{} {}", found.severity.as_str(), found.code.as_str())),
    );
    lines
}

/// First and last name out of `first.last@…`.
fn names(username: &str) -> (String, String) {
    let capital = |text: &str| {
        let mut letters = text.chars();
        letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
    };
    let local = username.split('@').next().unwrap();
    let (first, last) = local.split_once('.').unwrap_or(("", local));
    (capital(first), capital(last))
}

fn line(change: &Change) -> String {
    let mut text = format!("{} {}", change.action.as_str(), change.username);
    if change.blocked {
        text.push_str(" (blocked)");
    }
    let reasons: Vec<_> = change.reasons.iter().map(|reason| reason.as_str()).collect();
    text.push_str(&format!(" because {}", reasons.join("+")));
    if change.action.as_str() != "create" {
        for field in &change.fields {
            let show = |value: &portalctl::plan::Datum| {
                value.text().map_or("null".to_owned(), std::borrow::Cow::into_owned)
            };
            text.push_str(&format!(
                "; {}.{} {} > {}",
                field.object.as_str(),
                field.field,
                show(&field.before),
                show(&field.after)
            ));
        }
    }
    for (_, sets) in change.access.iter() {
        text.push_str(&grants_line(sets));
    }
    if let Some(step) = change.contact {
        text.push_str(&format!("; contact {}", step.as_str()));
    }
    if change.unfreeze && change.action.as_str() != "unfreeze" {
        text.push_str("; unfreeze");
    }
    text
}

fn grants_line(sets: &portalctl::plan::SetChanges) -> String {
    let mut text = String::new();
    for set in &sets.add {
        let until = set.expires.map(|expiry| format!(" until {}", expiry.at));
        text.push_str(&format!("; +{}{}", set.name, until.unwrap_or_default()));
    }
    for set in &sets.remove {
        text.push_str(&format!("; -{}", set.name));
    }
    for set in &sets.change {
        let after = set.after.map_or("for good".to_owned(), |expiry| expiry.day.to_string());
        text.push_str(&format!("; ~{} {after}", set.name));
    }
    text
}
