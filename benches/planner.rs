//! How long pure planning takes, once files and org are read: `cargo bench --bench planner`.
//!
//! The numbers of one table are for growing portals of one shape, so that they tell whether the
//! time grows with the number of users and not faster.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::collections::BTreeMap;
use std::sync::Arc;

use divan::Bencher;
use portalctl::model::{
    Access, AccessKind, Account, AccountId, AccountRef, Activation, ApiName, Contact, ContactId,
    Current, CurrentUser, CustomValues, DeclaredProfile, DeclaredState, Described, Desired,
    DesiredUser, FieldDef, FieldShape, FieldValues, Freezes, Holding, LicenseBasis, LinkedContact,
    ObjectFields, Org, OrgId, OrgName, Owner, PermissionSet, PermissionSetId, Place, Policy,
    Privacy, Profile, ProfileId, ProfileName, ProjectName, RecordId, RunningUser, SetGrant,
    SetName, Sites, Today, UserField, UserId, UserLicense, UserLicenseId, UserType, Username,
    Value,
};
use portalctl::plan::{Request, Selection, diff};

fn main() {
    divan::main();
}

/// A portal: what is declared, and what the org holds.
struct Portal {
    desired: Desired,
    current: Current,
    policy: Policy,
    request: Request,
}

/// An id with a kind of record and a number.
fn id(prefix: &str, number: usize) -> String {
    format!("{prefix}8d0{number:09}")
}

impl Portal {
    /// So many declared users. Of ten, one is new, one changes their title, one loses a permission
    /// set, and the rest are as declared. There are two accounts for five users, or one for all.
    fn of(users: usize, accounts: usize) -> Self {
        let sets: Arc<[SetGrant]> =
            ["Portal_Base", "Orders_Read"].iter().map(|name| grant(name)).collect();
        let mut portal = Self::empty(accounts);
        for number in 0..users {
            let account = number % accounts;
            portal.desired.users.push(declared(number, account, &sets));
            if number % 10 != 0 {
                portal.current.users.push(user(number, account));
                for set in 0..2 + usize::from(number % 10 == 2) {
                    portal.current.holdings.push(holding(number, number * 3 + set, set));
                }
            }
        }
        portal
    }

    fn empty(accounts: usize) -> Self {
        let set = |number: usize, name: &str| PermissionSet {
            id: PermissionSetId::observed(&id("0PS", number)).unwrap(),
            name: SetName::parse(name).unwrap(),
            license: None,
            session: false,
        };
        let license = UserLicenseId::observed(&id("100", 1)).unwrap();
        let current = Current {
            org: Org {
                id: OrgId::observed("00D8d0000000001").unwrap(),
                name: "Acme".to_owned(),
                is_sandbox: false,
                instance_url: "https://acme.my.salesforce.com".to_owned(),
            },
            running_user: RunningUser {
                id: UserId::observed(&id("005", 999_999_999)).unwrap(),
                username: Username::observed("ci@acme.example"),
            },
            licenses: vec![UserLicense {
                id: license,
                name: "Customer Community".into(),
                total: 10_000_000,
                used: 0,
                counted: None,
                active: true,
                basis: LicenseBasis::Members { guessed: false },
            }],
            profiles: vec![Profile {
                id: ProfileId::observed(&id("00e", 1)).unwrap(),
                name: "Acme Customer".into(),
                user_type: UserType::CspLitePortal,
                license,
            }],
            permission_sets: vec![
                set(0, "Portal_Base"),
                set(1, "Orders_Read"),
                set(2, "Beta_Reports"),
            ],
            permission_set_groups: Vec::new(),
            permission_set_licenses: Vec::new(),
            groups: Vec::new(),
            accounts: (0..accounts).map(account).collect(),
            contacts: Vec::new(),
            users: Vec::new(),
            holdings: Vec::new(),
            beside: Vec::new(),
            frozen: Freezes::default(),
            switches: BTreeMap::new(),
            described: described(),
            sites: Sites::Invisible,
            account_roles: Vec::new(),
            access_policies: Vec::new(),
        };
        Self { desired: Desired::default(), current, policy: Policy::default(), request: request() }
    }

    fn plan(&self) -> usize {
        diff(&self.desired, &self.current, &self.policy, &self.request).changes.len()
    }
}

fn request() -> Request {
    Request {
        project: ProjectName::parse("acme-portal").unwrap(),
        org: OrgName::parse("prod").unwrap(),
        username_suffix: String::new(),
        email: None,
        allow: BTreeMap::new(),
        selection: Selection::default(),
        today: Today::Fixed("2026-11-24".parse().unwrap()),
    }
}

fn described() -> Described {
    let field = |name: &str| FieldDef {
        name: ApiName::parse(name).unwrap(),
        label: name.into(),
        shape: FieldShape::Text(255),
        createable: true,
        updateable: true,
        nillable: true,
        defaulted: false,
    };
    Described {
        user: ObjectFields::of(UserField::ALL.iter().map(|one| field(one.api_name()))),
        contact: ObjectFields::of(["FirstName", "LastName", "Email"].map(field)),
    }
}

fn grant(name: &str) -> SetGrant {
    SetGrant { name: SetName::parse(name).unwrap(), expires: None }
}

fn account(number: usize) -> Account {
    Account {
        id: AccountId::observed(&id("001", number)).unwrap(),
        name: format!("Account {number}").into(),
        owner: Owner { name: "Olive Owner".to_owned(), has_role: true, active: true, inside: true }
            .into(),
        is_person: false,
        is_partner: None,
        externals: Vec::new(),
    }
}

fn values(number: usize, title: &str) -> FieldValues {
    [
        (UserField::FirstName, Value::of("Kim")),
        (UserField::LastName, Value::of(&format!("Number{number}"))),
        (UserField::Email, Value::of(&username(number))),
        (UserField::Title, Value::of(title)),
    ]
    .into()
}

fn username(number: usize) -> String {
    format!("user{number:07}@acme.example")
}

fn declared(number: usize, account: usize, sets: &Arc<[SetGrant]>) -> DesiredUser {
    let line = u32::try_from(number).unwrap();
    let mut access = Access::default();
    *access.get_mut(AccessKind::PermissionSet) = Some(Arc::clone(sets));
    DesiredUser {
        username: Username::parse(&username(number)).unwrap(),
        place: Place { file: "users/all.toml".into(), line, column: 1, start: line, end: line },
        account: AccountRef::Name(format!("Account {account}").into()),
        contact: None,
        profile: DeclaredProfile::Managed(ProfileName::parse("Acme Customer").unwrap()),
        fields: values(number, "Buyer"),
        custom: CustomValues::new(),
        contact_custom: CustomValues::new(),
        on_create: Arc::default(),
        state: DeclaredState::Unstated,
        starts: None,
        expires: None,
        access: Arc::new(access),
        portal_role: None,
        renamed_from: Box::default(),
        activation: Activation::None,
        shared: Arc::default(),
    }
}

fn user(number: usize, account: usize) -> CurrentUser {
    let title = if number % 10 == 1 { "Lead Buyer" } else { "Buyer" };
    CurrentUser {
        id: UserId::observed(&id("005", number)).unwrap(),
        username: Username::observed(&username(number)),
        other_name: None,
        user_type: UserType::CspLitePortal,
        active: true,
        profile: ProfileId::observed(&id("00e", 1)).unwrap(),
        contact: Some(LinkedContact {
            contact: Contact {
                id: ContactId::observed(&id("003", number)).unwrap(),
                account: Some(AccountId::observed(&id("001", account)).unwrap()),
                first_name: Some("Kim".into()),
                last_name: format!("Number{number}").into(),
                email: Some(username(number).into()),
                custom: CustomValues::new(),
            },
            account_name: Some(format!("Account {account}").into()),
        }),
        fields: values(number, title),
        custom: CustomValues::new(),
        role: None,
        last_login: None,
        last_password: None,
        privacy: Privacy::default(),
        last_modified_by: None,
        last_modified: None,
    }
}

fn holding(user: usize, number: usize, set: usize) -> Holding {
    Holding {
        kind: AccessKind::PermissionSet,
        id: RecordId::observed(&id("0Pa", number)).unwrap(),
        user: UserId::observed(&id("005", user)).unwrap(),
        what: RecordId::observed(&id("0PS", set)).unwrap(),
        expires: None,
    }
}

/// Two accounts for five users.
#[divan::bench(args = [25_000, 50_000, 100_000, 200_000], sample_count = 5, sample_size = 1)]
fn many_accounts(bencher: Bencher<'_, '_>, users: usize) {
    let portal = Portal::of(users, users * 2 / 5);
    bencher.bench(|| portal.plan());
}

/// Everybody in one account.
#[divan::bench(args = [12_500, 25_000, 50_000], sample_count = 5, sample_size = 1)]
fn one_account(bencher: Bencher<'_, '_>, users: usize) {
    let portal = Portal::of(users, 1);
    bencher.bench(|| portal.plan());
}

/// One user who is given many permission sets and holds as many others.
#[divan::bench(args = [125, 250, 500], sample_count = 20)]
fn one_user_with_many_sets(bencher: Bencher<'_, '_>, sets: usize) {
    let mut portal = Portal::of(2, 1);
    portal.current.holdings.clear();
    portal.current.permission_sets.clear();
    for number in 0..sets * 2 {
        portal.current.permission_sets.push(PermissionSet {
            id: PermissionSetId::observed(&id("0PS", number)).unwrap(),
            name: SetName::parse(&format!("Set_{number}")).unwrap(),
            license: None,
            session: false,
        });
        if number >= sets {
            portal.current.holdings.push(holding(1, number, number));
        }
    }
    let wanted: Arc<[SetGrant]> = (0..sets).map(|number| grant(&format!("Set_{number}"))).collect();
    for user in &mut portal.desired.users {
        *Arc::make_mut(&mut user.access).get_mut(AccessKind::PermissionSet) =
            Some(Arc::clone(&wanted));
    }
    bencher.bench(|| portal.plan());
}
