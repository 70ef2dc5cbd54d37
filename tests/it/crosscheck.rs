//! What a plan foresees is what the org does: whoever it holds up is refused when sent all the same,
//! and whatever it calls possible is taken and leaves nothing to plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use portalctl::apply::{OnFailure, Options, Report, Unwatched, execute};
use portalctl::config;
use portalctl::emulator::{Emulator, Running, ServeOptions};
use portalctl::model::{
    AccessKind, ApiName, Code, Current, DeclaredProfile, DesiredUser, Number, OrgName, PortalRole,
    ProfileName, Scalar, Scope, SetGrant, SetName, Today,
};
use portalctl::org;
use portalctl::plan::{Change, Datum, FieldChange, Object, Plan, Request, Selection, SetAdd, diff};
use portalctl::salesforce::{Client, Connect};

use crate::support::{Portal, assert_valid};

const KIM: &str = "kim.osei@acme.example";
const NEW: &str = "jamie.rivera@acme.example";

const ORG: &str = r#"
[Organization]
Name = "Acme"
[emulator]
account_roles = 2
assign_set_licenses = false
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = 3
[[UserLicense]]
Name = "Customer Community Login"
TotalLicenses = 3
[[UserLicense]]
Name = "Customer Community Plus"
TotalLicenses = 3
[[UserLicense]]
Name = "Partner Community"
TotalLicenses = 3
[[UserLicense]]
Name = "Partner Community Login"
TotalLicenses = 0
[[PermissionSetLicense]]
DeveloperName = "Analytics"
TotalLicenses = 5
[[PermissionSetLicense]]
DeveloperName = "Sold_Out"
TotalLicenses = 0
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[Profile]]
Name = "Acme Login"
UserLicense = "Customer Community Login"
[[Profile]]
Name = "Acme Plus"
UserLicense = "Customer Community Plus"
[[Profile]]
Name = "Acme Partner"
UserLicense = "Partner Community"
[[Profile]]
Name = "Acme Partner Login"
UserLicense = "Partner Community Login"
[[PermissionSet]]
Name = "Orders_Read"
[[PermissionSet]]
Name = "Partners_Only"
License = "Partner Community"
[[PermissionSet]]
Name = "Dashboards"
License = "Analytics"
[[PermissionSetGroup]]
DeveloperName = "Bundle"
[[Group]]
DeveloperName = "Dealers"
[[CustomField]]
Object = "User"
Name = "Region__c"
Type = "Picklist"
Values = ["West", "East"]
[[CustomField]]
Object = "User"
Name = "Badge__c"
Length = 5
[[CustomField]]
Object = "User"
Name = "Since__c"
Type = "Date"
[[CustomField]]
Object = "User"
Name = "Score__c"
Type = "Number"
ReadOnly = true
[[CustomField]]
Object = "Contact"
Name = "Tier__c"
Type = "Number"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@acme.example"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
[[Account]]
Name = "Acme Corp"
Owner = "olive.owner@acme.example"
[[User]]
Username = "kim.osei@acme.example"
FirstName = "Kim"
LastName = "Osei"
Account = "Acme Corp"
Profile = "PROFILE"
"#;

const PROJECT: &str = "[project]\nname = \"acme\"\n[orgs.dev]\nemulator = \"org.toml\"\n";

/// Changes a declaration.
type Declare = fn(&mut DesiredUser);
/// Adds what the plan holds back to a change, so that it is sent.
type Force = fn(&mut Change, &Current);

fn profile(declared: &mut DesiredUser, name: &str) {
    declared.profile = DeclaredProfile::Managed(ProfileName::parse(name).unwrap());
}

fn grant(declared: &mut DesiredUser, kind: AccessKind, name: &str) {
    let grant = SetGrant { name: SetName::parse(name).unwrap(), expires: None };
    *declared.access.get_mut(kind) = Some(Arc::from([grant]));
}

fn field(declared: &mut DesiredUser, name: &'static str, value: Scalar) {
    declared.custom.insert(ApiName::of(name), value);
}

fn write(change: &mut Change, field: &'static str, after: Datum) {
    let (object, field) = (Object::User, ApiName::of(field));
    change.fields.push(FieldChange { object, field, before: Datum::Null, after });
}

/// Gives something of a kind, by name.
fn give(change: &mut Change, current: &Current, kind: AccessKind, name: &str) {
    let name = SetName::parse(name).unwrap();
    let id = match kind {
        AccessKind::PermissionSet => {
            current.permission_sets.iter().find(|one| one.name == name).unwrap().id.record()
        }
        AccessKind::Group => {
            current.groups.iter().find(|one| one.name == name).unwrap().id.record()
        }
        AccessKind::PermissionSetLicense => {
            current.permission_set_licenses.iter().find(|one| one.name == name).unwrap().id.record()
        }
        AccessKind::PermissionSetGroup => {
            current.permission_set_groups.iter().find(|one| one.name == name).unwrap().id.record()
        }
    };
    change.access.get_mut(kind).add.push(SetAdd { id, name, expires: None });
}

/// An org in which Kim has a profile, and a project that declares them, and somebody new with the
/// same profile.
struct World {
    client: Client,
    portal: Portal,
    _running: Running,
}

impl World {
    async fn with(kims: &str) -> Self {
        let running = Emulator::from_seed(&ORG.replace("PROFILE", kims)).unwrap();
        let running = running.serve(ServeOptions::default()).await.unwrap();
        let connect = Connect::new(running.url().to_owned(), running.access_token().into());
        let client = Client::connect(connect).await.unwrap();
        let user = |username: &str, first: &str, last: &str| {
            format!(
                "[[users]]\nusername = \"{username}\"\nfirst_name = \"{first}\"\nlast_name = \"{last}\"\naccount = \"Acme Corp\"\nprofile = \"{kims}\"\n"
            )
        };
        let users = user(KIM, "Kim", "Osei") + &user(NEW, "Jamie", "Rivera");
        let portal = Portal::new(&[("portalctl.toml", PROJECT), ("users/all.toml", &users)]);
        Self { client, portal, _running: running }
    }

    /// The plan, with one of the two declared otherwise, and the org it was made from.
    async fn plan(&self, who: &str, declare: Declare) -> (Plan, Current) {
        let mut loaded = config::load(self.portal.path());
        assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        loaded.desired.users.retain(|user| user.username.as_str() == who);
        loaded.desired.users.iter_mut().for_each(declare);
        let reader = self.client.reader();
        let (org, user) = org::identify(&reader, "emulator".to_owned()).await.unwrap();
        let policy = loaded.project.as_ref().unwrap().policy.clone();
        let scope = Scope::of(&loaded.desired, &policy, "");
        let current = org::read(&reader, &scope, org, user).await.unwrap();
        let request = Request {
            project: loaded.project.as_ref().unwrap().name.clone(),
            org: OrgName::parse("dev").unwrap(),
            username_suffix: String::new(),
            email: None,
            allow: BTreeMap::new(),
            selection: Selection::default(),
            today: Today::Fixed("2026-11-24".parse().unwrap()),
        };
        let plan = diff(&loaded.desired, &current, &policy, &request);
        (plan, current)
    }
}

/// What the plan calls possible: from a profile, for Kim or somebody new.
const POSSIBLE: [(&str, &str, &str, Declare); 17] = [
    ("a set", "Acme Customer", KIM, |user| grant(user, AccessKind::PermissionSet, "Orders_Read")),
    ("a set at creation", "Acme Customer", NEW, |user| {
        grant(user, AccessKind::PermissionSet, "Orders_Read");
    }),
    ("a set with the licence it needs", "Acme Customer", KIM, |user| {
        grant(user, AccessKind::PermissionSet, "Dashboards");
    }),
    ("a set with its licence at creation", "Acme Customer", NEW, |user| {
        grant(user, AccessKind::PermissionSet, "Dashboards");
    }),
    ("a set for the user's licence", "Acme Partner", KIM, |user| {
        grant(user, AccessKind::PermissionSet, "Partners_Only");
    }),
    ("a set licence", "Acme Customer", KIM, |user| {
        grant(user, AccessKind::PermissionSetLicense, "Analytics");
    }),
    ("a group of sets", "Acme Customer", KIM, |user| {
        grant(user, AccessKind::PermissionSetGroup, "Bundle");
    }),
    ("a public group for a partner", "Acme Partner", KIM, |user| {
        grant(user, AccessKind::Group, "Dealers");
    }),
    ("to the login variant", "Acme Customer", KIM, |user| profile(user, "Acme Login")),
    ("from the login variant", "Acme Login", KIM, |user| profile(user, "Acme Customer")),
    ("up to Plus", "Acme Customer", KIM, |user| profile(user, "Acme Plus")),
    ("up to Partner", "Acme Customer", KIM, |user| profile(user, "Acme Partner")),
    ("a level for a first user", "Acme Customer", NEW, |user| {
        profile(user, "Acme Plus");
        user.portal_role = Some(PortalRole::Manager);
    }),
    ("the lowest level", "Acme Partner", KIM, |user| user.portal_role = Some(PortalRole::User)),
    ("a value of a list", "Acme Customer", KIM, |user| {
        field(user, "Region__c", Scalar::of("West"));
    }),
    ("a day", "Acme Customer", NEW, |user| {
        field(user, "Since__c", Scalar::Date("2026-01-31".parse().unwrap()));
    }),
    ("a field of the contact", "Acme Customer", KIM, |user| {
        user.contact_custom
            .insert(ApiName::of("Tier__c"), Scalar::Number(Number::new(2.0).unwrap()));
    }),
];

/// What the plan holds up, with its code and what it would take to send it.
const REFUSED: [(&str, &str, &str, Code, Declare, Force); 13] = [
    (
        "a set for another licence",
        "Acme Customer",
        KIM,
        Code::PermissionSetLicense,
        |user| grant(user, AccessKind::PermissionSet, "Partners_Only"),
        |change, current| give(change, current, AccessKind::PermissionSet, "Partners_Only"),
    ),
    (
        "a public group without a role",
        "Acme Customer",
        KIM,
        Code::GroupNeedsRole,
        |user| grant(user, AccessKind::Group, "Dealers"),
        |change, current| give(change, current, AccessKind::Group, "Dealers"),
    ),
    (
        "a set licence that is sold out",
        "Acme Customer",
        KIM,
        Code::SeatsShort,
        |user| grant(user, AccessKind::PermissionSetLicense, "Sold_Out"),
        |_, _| {},
    ),
    (
        "a licence without seats",
        "Acme Partner",
        KIM,
        Code::SeatsShort,
        |user| profile(user, "Acme Partner Login"),
        |_, _| {},
    ),
    (
        "from Plus to Community",
        "Acme Plus",
        KIM,
        Code::LicenseMove,
        |user| profile(user, "Acme Customer"),
        |_, _| {},
    ),
    (
        "from Partner to Community",
        "Acme Partner",
        KIM,
        Code::LicenseMove,
        |user| profile(user, "Acme Customer"),
        |_, _| {},
    ),
    (
        "from Partner to Plus",
        "Acme Partner",
        KIM,
        Code::LicenseMove,
        |user| profile(user, "Acme Plus"),
        |_, _| {},
    ),
    (
        "a role without a licence for it",
        "Acme Customer",
        NEW,
        Code::RoleNeedsLicense,
        |user| user.portal_role = Some(PortalRole::User),
        |change, _| write(change, "PortalRole", Datum::of("User")),
    ),
    (
        "a level that the account lacks",
        "Acme Partner",
        KIM,
        Code::RoleMissing,
        |user| user.portal_role = Some(PortalRole::Executive),
        |change, _| write(change, "PortalRole", Datum::of("Executive")),
    ),
    (
        "a value outside the list",
        "Acme Customer",
        KIM,
        Code::FieldValue,
        |user| field(user, "Region__c", Scalar::of("North")),
        |change, _| write(change, "Region__c", Datum::of("North")),
    ),
    (
        "a text that is too long",
        "Acme Customer",
        NEW,
        Code::FieldValue,
        |user| field(user, "Badge__c", Scalar::of("123456")),
        |change, _| write(change, "Badge__c", Datum::of("123456")),
    ),
    (
        "a field that cannot be changed",
        "Acme Customer",
        KIM,
        Code::FieldReadOnly,
        |user| field(user, "Score__c", Scalar::Number(Number::new(1.0).unwrap())),
        |change, _| write(change, "Score__c", Datum::Number(Number::new(1.0).unwrap())),
    ),
    (
        "a field that is not there",
        "Acme Customer",
        KIM,
        Code::FieldInvisible,
        |user| field(user, "Nope__c", Scalar::of("x")),
        |change, _| write(change, "Nope__c", Datum::of("x")),
    ),
];

async fn carry_out(plan: &Plan, client: &Client) -> Report {
    let options = Options {
        on_failure: OnFailure::GoOn,
        parallelism: 4,
        pause: std::time::Duration::from_millis(1),
        reserve: 0,
    };
    execute(plan, &client.writer(), &options, &mut Unwatched).await
}

fn run(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work);
}

#[test]
fn what_a_plan_calls_possible_is_done_and_leaves_nothing_to_plan() {
    run(async {
        for (what, from, who, declare) in POSSIBLE {
            let world = World::with(from).await;
            let (plan, _) = world.plan(who, declare).await;
            assert!(!plan.is_blocked(), "{what}: {:?} {:?}", plan.blockers, plan.diagnostics);
            let report = carry_out(&plan, &world.client).await;
            assert_eq!(report.failed(), 0, "{what}: {report:?}");
            let (again, _) = world.plan(who, declare).await;
            assert!(again.changes.is_empty(), "{what}: {:#?}", again.changes);
        }
    });
}

#[test]
fn what_a_plan_holds_up_is_refused_when_it_is_sent_all_the_same() {
    run(async {
        for (what, from, who, code, declare, force) in REFUSED {
            let world = World::with(from).await;
            let (mut plan, current) = world.plan(who, declare).await;
            let short = code == Code::SeatsShort;
            let told = plan.diagnostics.iter().any(|one| one.code == code);
            assert!(told || (short && !plan.blockers.is_empty()), "{what}: {:?}", plan.diagnostics);
            assert!(plan.is_blocked(), "{what}");
            plan.blockers.clear();
            let change = plan.changes.first_mut().unwrap();
            change.blocked = false;
            force(change, &current);
            let report = carry_out(&plan, &world.client).await;
            assert_eq!(report.failed(), 1, "{what}: {report:?}");
        }
    });
}

/// What a person reads off a plan before the first write.
#[test]
fn seats_mails_and_sites_are_told_before_the_first_write() {
    let org = ORG.replace("PROFILE", "Acme Customer").replace(
        "[[UserRole]]",
        "[[Network]]\nName = \"Acme Help\"\nOptionsSendWelcomeEmail = true\nProfiles = [\"Acme Customer\"]\n[[UserRole]]",
    );
    let project = format!(
        "{PROJECT}[defaults]\naccount = \"Acme Corp\"\n[licenses.\"Customer Community\"]\nreserve = 1\n[safety]\nmax_emails = 1\n"
    );
    let user = |name: &str, more: &str| {
        format!("[[users]]\nusername = \"{name}@acme.example\"\nlast_name = \"{name}\"\n{more}\n")
    };
    let users = user("one", "profile = \"Acme Customer\"\nactivation = \"reset-email\"")
        + &user("two", "profile = \"Acme Customer\"\npermission_sets = [\"Dashboards\"]")
        + &user("three", "profile = \"Acme Customer\"\nfields = { Region__c = \"Nort\" }")
        + &user("four", "profile = \"Acme Login\"");
    let files = [("portalctl.toml", &*project), ("org.toml", &*org), ("users/all.toml", &*users)];
    let plan = Portal::new(&files).run(&["plan", "--json"]).exits(3).json();
    assert_valid(&plan, "plan.schema.json");
    assert_eq!(plan["summary"]["emails"], 2);
    assert_eq!(plan["mails"][0]["reasons"], serde_json::json!(["activation", "welcome"]));
    let licenses = plan["licenses"].as_array().unwrap();
    let line = licenses.iter().find(|line| line["name"] == "Analytics").unwrap();
    assert_eq!((&line["kind"], &line["needed"]), (&"permission_set".into(), &1.into()));
    let allows: Vec<_> = plan["blockers"].as_array().unwrap().iter().map(|b| &b["allow"]).collect();
    assert_eq!(allows, ["reserve=1", "emails=2"]);
    let codes: Vec<_> = plan["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"P2103") && codes.contains(&"P2121"), "{codes:?}");
}
