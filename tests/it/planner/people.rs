//! Who is who: users by name, former name and contact; contacts by id, key and match.

use std::sync::Arc;

use portalctl::model::*;
use portalctl::plan::{Stage, stages};

use super::asked::Why;
use super::fixture::{ACME, CUSTOMER, JAMIE, KIM, PARTNER, Scene, field, scene};
use super::table::{Case, check};

const OLD: &str = "k.osei@acme.example";
const PAT: &str = "pat.lee@acme.example";

fn external(field: &str, value: &str) -> ExternalRef {
    ExternalRef { field: ApiName::parse(field).unwrap(), value: value.into() }
}

fn former(scene: &mut Scene, username: &str, names: &[&str]) {
    let declared = scene.declared(username);
    declared.renamed_from = names.iter().map(|name| Username::parse(name).unwrap()).collect();
}

/// The owner of the first account.
fn owner(scene: &mut Scene) -> &mut Owner {
    Arc::make_mut(&mut scene.current.accounts[0].owner)
}

/// A user with the names of Kim under another username.
fn kim_as(scene: &mut Scene, username: &str) {
    scene.user(KIM, ACME, CUSTOMER).username = Username::observed(username);
}

/// Two people under each other's username.
fn swapped(scene: &mut Scene) {
    scene.user(KIM, ACME, CUSTOMER).username = Username::observed("x@acme.example");
    scene.user(JAMIE, ACME, CUSTOMER).username = Username::observed(KIM);
    scene.observed("x@acme.example").username = Username::observed(JAMIE);
    scene.declare(KIM, ACME, CUSTOMER);
    scene.declare(JAMIE, ACME, CUSTOMER);
    former(scene, KIM, &[JAMIE]);
    former(scene, JAMIE, &[KIM]);
}

const USERS: &[Case] = &[
    Case {
        says: "a username is found whatever its case",
        given: |scene| {
            kim_as(scene, "KIM.OSEI@acme.example");
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &[],
    },
    Case {
        says: "an internal user is never written",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER).user_type = UserType::observed("Standard");
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Inactive;
        },
        then: &["update kim.osei@acme.example (blocked) because state", "error P2016"],
    },
    Case {
        says: "a guest user is never written",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER).user_type = UserType::Guest;
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["update kim.osei@acme.example (blocked) because declared", "error P2016"],
    },
    Case {
        says: "the user that the program signs in as is never written",
        given: |scene| {
            let id = scene.user(KIM, ACME, CUSTOMER).id;
            scene.current.running_user.id = id;
            scene.not_asked(Why::SignedInAs);
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Inactive;
        },
        then: &["update kim.osei@acme.example (blocked) because state", "error P2016"],
    },
    Case {
        says: "an external user without a contact is known by the licence",
        given: |scene| {
            scene.current.licenses[0].name = "External Identity".into();
            scene.inactive(KIM, ACME, CUSTOMER).contact = None;
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["reactivate kim.osei@acme.example because declared"],
    },
    Case {
        says: "a nickname that somebody else has is not taken",
        given: |scene| {
            let user = scene.user(JAMIE, ACME, CUSTOMER);
            user.fields.insert(UserField::Nickname, Value::of("Kimmy"));
            let declared = scene.declare(KIM, ACME, CUSTOMER);
            declared.fields.insert(UserField::Nickname, Value::of("kimmy"));
        },
        then: &[
            "create kim.osei@acme.example (blocked) because declared; contact create",
            "error P2022",
        ],
    },
    Case {
        says: "a federation id that somebody else has is not taken",
        given: |scene| {
            let user = scene.inactive(JAMIE, ACME, CUSTOMER);
            user.fields.insert(UserField::FederationId, Value::of("K1"));
            scene.user(KIM, ACME, CUSTOMER);
            let declared = scene.declare(KIM, ACME, CUSTOMER);
            declared.fields.insert(UserField::FederationId, Value::of("K1"));
        },
        then: &[
            "update kim.osei@acme.example (blocked) because declared; User.FederationIdentifier null > K1",
            "error P2023",
        ],
    },
    Case {
        says: "somebody keeps their own nickname",
        given: |scene| {
            let user = scene.user(KIM, ACME, CUSTOMER);
            user.fields.insert(UserField::Nickname, Value::of("Kimmy"));
            let declared = scene.declare(KIM, ACME, CUSTOMER);
            declared.fields.insert(UserField::Nickname, Value::of("kimmy"));
        },
        then: &[
            "update kim.osei@acme.example because declared; User.CommunityNickname Kimmy > kimmy",
        ],
    },
    Case {
        says: "a standard external profile is warned about",
        given: |scene| {
            scene.current.profiles[0].name = "Customer Community User".into();
            scene.declare(KIM, ACME, "Customer Community User");
        },
        then: &["create kim.osei@acme.example because declared; contact create", "warning P2007"],
    },
];

#[test]
fn users() {
    check(USERS);
}

const ACCOUNTS: &[Case] = &[
    Case {
        says: "an account that does not exist holds the person up",
        given: |scene| {
            scene.declare(KIM, "Globex", CUSTOMER);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2001"],
    },
    Case {
        says: "two accounts of one name are not guessed between",
        given: |scene| {
            scene.account(ACME);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2002"],
    },
    Case {
        says: "an account is found by its id",
        given: |scene| {
            let id = scene.account("Globex").id;
            scene.declare(KIM, ACME, CUSTOMER).account = AccountRef::Id(id);
        },
        then: &["create kim.osei@acme.example because declared; contact create"],
    },
    Case {
        says: "an account is found by an external id, whatever its case",
        given: |scene| {
            scene.account("Globex").externals = vec![external("Ext__c", "a-1001")];
            scene.declare(KIM, ACME, CUSTOMER).account =
                AccountRef::External(external("ext__c", "A-1001").into());
        },
        then: &["create kim.osei@acme.example because declared; contact create"],
    },
    Case {
        says: "an external id that two accounts have is not guessed between",
        given: |scene| {
            scene.account("Globex").externals = vec![external("Ext__c", "A-1")];
            scene.account("Initech").externals = vec![external("Ext__c", "A-1")];
            scene.declare(KIM, ACME, CUSTOMER).account =
                AccountRef::External(external("Ext__c", "A-1").into());
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2002"],
    },
    Case {
        says: "a person account is refused by name",
        given: |scene| {
            scene.account("Kim Osei").is_person = true;
            scene.not_asked(Why::PersonAccounts);
            scene.declare(KIM, "Kim Osei", CUSTOMER);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2305"],
    },
    Case {
        says: "an owner without a role holds the person up",
        given: |scene| {
            owner(scene).has_role = false;
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &[
            "create kim.osei@acme.example (blocked) because declared; contact create",
            "error P2003",
        ],
    },
    Case {
        says: "an owner who is a portal user holds the person up",
        given: |scene| {
            scene.account("Initech");
            scene.user(PAT, "Initech", PARTNER);
            owner(scene).inside = false;
            scene.declare(KIM, ACME, PARTNER);
        },
        then: &[
            "create kim.osei@acme.example (blocked) because declared; contact create",
            "error P2028",
        ],
    },
    Case {
        says: "nobody gets roles below an owner who has none",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            owner(scene).has_role = false;
            scene.declare(KIM, ACME, PARTNER);
            scene.not_asked(Why::OlderThanRule);
        },
        then: &[
            "update kim.osei@acme.example (blocked) because declared; User.ProfileId Acme Customer > Acme Partner",
            "error P2003",
        ],
    },
    Case {
        says: "an inactive owner is warned about",
        given: |scene| {
            owner(scene).active = false;
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example because declared; contact create", "warning P2004"],
    },
    Case {
        says: "somebody under another account moves with their contact",
        given: |scene| {
            scene.account("Globex");
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, "Globex", CUSTOMER);
        },
        then: &[
            "update kim.osei@acme.example because declared; Contact.AccountId Acme Corp > Globex; contact move",
        ],
    },
    Case {
        says: "nobody moves to an account whose owner has no role",
        given: |scene| {
            Arc::make_mut(&mut scene.account("Globex").owner).has_role = false;
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, "Globex", CUSTOMER);
        },
        then: &[
            "update kim.osei@acme.example (blocked) because declared; Contact.AccountId Acme Corp > Globex; contact move",
            "error P2003",
        ],
    },
];

#[test]
fn accounts() {
    check(ACCOUNTS);
}

const CONTACTS: &[Case] = &[
    Case {
        says: "a contact is found by its address within the account",
        given: |scene| {
            scene.contact(ACME, "Kim", "Osei", KIM);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example because declared; contact link"],
    },
    Case {
        says: "an address of the contact's own is what it is found by",
        given: |scene| {
            scene.contact(ACME, "Kim", "Osei", "office@acme.example");
            let own = Scalar::of("office@acme.example");
            scene.declare(KIM, ACME, CUSTOMER).contact_custom.insert("Email".into(), own);
        },
        then: &["create kim.osei@acme.example because declared; contact link"],
    },
    Case {
        says: "the same address in another account is another person",
        given: |scene| {
            scene.account("Globex");
            scene.contact("Globex", "Kim", "Osei", KIM);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example because declared; contact create"],
    },
    Case {
        says: "case and blanks of a last name do not matter",
        given: |scene| {
            scene.contact(ACME, "Kim", " OSEI ", "KIM.OSEI@acme.example");
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example because declared; contact link"],
    },
    Case {
        says: "an address with another last name is not linked",
        given: |scene| {
            scene.contact(ACME, "Pat", "Lee", KIM);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2012"],
    },
    Case {
        says: "two contacts with one address are not guessed between",
        given: |scene| {
            scene.contact(ACME, "Kim", "Osei", KIM);
            scene.contact(ACME, "Kim", "Osei", KIM);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2011"],
    },
    Case {
        says: "a contact named by id is linked whatever it is called",
        given: |scene| {
            let id = scene.contact(ACME, "Pat", "Lee", PAT);
            scene.declare(KIM, ACME, CUSTOMER).contact = Some(ContactRef::Id(id).into());
        },
        then: &["create kim.osei@acme.example because declared; contact link"],
    },
    Case {
        says: "a contact of another account is not linked",
        given: |scene| {
            scene.account("Globex");
            let id = scene.contact("Globex", "Kim", "Osei", KIM);
            scene.declare(KIM, ACME, CUSTOMER).contact = Some(ContactRef::Id(id).into());
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2013"],
    },
    Case {
        says: "a contact without an account is not linked",
        given: |scene| {
            let id = scene.contact(ACME, "Kim", "Osei", KIM);
            scene.current.contacts[0].account = None;
            scene.declare(KIM, ACME, CUSTOMER).contact = Some(ContactRef::Id(id).into());
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2013"],
    },
    Case {
        says: "an id that no contact has is said to be unknown",
        given: |scene| {
            let id = scene.contact(ACME, "Kim", "Osei", KIM);
            scene.current.contacts.clear();
            scene.declare(KIM, ACME, CUSTOMER).contact = Some(ContactRef::Id(id).into());
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2013"],
    },
    Case {
        says: "a contact is found by an external id",
        given: |scene| {
            scene.contact(ACME, "Pat", "Lee", PAT);
            scene.contact_value("Roster__c", "R-7");
            scene.declare(KIM, ACME, CUSTOMER).contact =
                Some(ContactRef::External(external("Roster__c", "r-7").into()).into());
        },
        then: &["create kim.osei@acme.example because declared; contact link"],
    },
    Case {
        says: "an external id that no contact has is said to be unknown",
        given: |scene| {
            scene.declare(KIM, ACME, CUSTOMER).contact =
                Some(ContactRef::External(external("Roster__c", "R-7").into()).into());
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2013"],
    },
    Case {
        says: "an external id that two contacts have is not guessed between",
        given: |scene| {
            for _ in 0..2 {
                scene.contact(ACME, "Kim", "Osei", KIM);
                scene.contact_value("Roster__c", "R-7");
            }
            scene.declare(KIM, ACME, CUSTOMER).contact =
                Some(ContactRef::External(external("Roster__c", "R-7").into()).into());
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2011"],
    },
    Case {
        says: "a configured key is tried before the address, and no name is compared",
        given: |scene| {
            roster(scene);
            scene.contact(ACME, "Kim", "Osei", KIM);
            scene.contact(ACME, "Kim", "Mensah", "old@acme.example");
            scene.contact_value("Roster__c", "R-7");
            keyed(scene.declare(KIM, ACME, CUSTOMER), "R-7");
            scene.policy.contacts.update = false;
        },
        then: &["create kim.osei@acme.example because declared; contact link"],
    },
    Case {
        says: "a key without a declared value is skipped for that person",
        given: |scene| {
            roster(scene);
            scene.contact(ACME, "Kim", "Osei", KIM);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example because declared; contact link"],
    },
    Case {
        says: "a key that nobody has leaves it to the address",
        given: |scene| {
            roster(scene);
            scene.contact(ACME, "Kim", "Osei", KIM);
            keyed(scene.declare(KIM, ACME, CUSTOMER), "R-7");
            scene.policy.contacts.update = false;
        },
        then: &["create kim.osei@acme.example because declared; contact link"],
    },
    Case {
        says: "without any key a contact could not be found again",
        given: |scene| {
            scene.policy.contacts.match_fields = vec![ApiName::of("Roster__c")];
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2310"],
    },
    Case {
        says: "two people with one address get a contact each by their keys",
        given: |scene| {
            roster(scene);
            for (username, key) in [(KIM, "R-7"), (JAMIE, "R-8")] {
                let declared = scene.declare(username, ACME, CUSTOMER);
                declared.fields.insert(UserField::Email, Value::of(PAT));
                keyed(declared, key);
            }
        },
        then: &[
            "create kim.osei@acme.example because declared; contact create",
            "create jamie.rivera@acme.example because declared; contact create",
        ],
    },
    Case {
        says: "two people never share a contact that exists",
        given: |scene| {
            let id = scene.contact(ACME, "Kim", "Osei", KIM);
            for username in [KIM, JAMIE] {
                scene.declare(username, ACME, CUSTOMER).contact = Some(ContactRef::Id(id).into());
            }
            scene.policy.contacts.update = false;
        },
        then: &[
            "create kim.osei@acme.example because declared; contact link",
            "create jamie.rivera@acme.example (blocked) because declared",
            "error P2010",
        ],
    },
    Case {
        says: "contacts are not made where that is switched off",
        given: |scene| {
            scene.policy.contacts.create = false;
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2015"],
    },
    Case {
        says: "a contact whose user has another username blocks, even if that user is inactive",
        given: |scene| {
            scene.inactive(KIM, ACME, CUSTOMER);
            scene.contact_of_user(KIM);
            scene.observed(KIM).username = Username::observed(OLD);
            scene.declare(KIM, ACME, CUSTOMER);
        },
        then: &["create kim.osei@acme.example (blocked) because declared", "error P2010"],
    },
    Case {
        says: "a user's contact cannot be changed",
        given: |scene| {
            let other = scene.contact(ACME, "Kim", "Osei", "other@acme.example");
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER).contact = Some(ContactRef::Id(other).into());
        },
        then: &["update kim.osei@acme.example (blocked) because declared", "error P2014"],
    },
    Case {
        says: "a user's own contact may be named by an external id",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.contact_of_user(KIM);
            scene.contact_value("Roster__c", "R-7");
            scene.declare(KIM, ACME, CUSTOMER).contact =
                Some(ContactRef::External(external("Roster__c", "R-7").into()).into());
        },
        then: &[],
    },
    Case {
        says: "another contact than the user's, named by an external id, blocks",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.contact(ACME, "Kim", "Osei", "other@acme.example");
            scene.contact_value("Roster__c", "R-7");
            scene.declare(KIM, ACME, CUSTOMER).contact =
                Some(ContactRef::External(external("Roster__c", "R-7").into()).into());
        },
        then: &["update kim.osei@acme.example (blocked) because declared", "error P2014"],
    },
];

#[test]
fn contacts() {
    check(CONTACTS);
}

/// Contacts are looked for by a key of the org's own, then by their address.
fn roster(scene: &mut Scene) {
    let key = field("Roster__c", FieldShape::Text(20));
    let known = scene.current.described.contact.iter().cloned();
    scene.current.described.contact = ObjectFields::of(known.chain([key]).collect::<Vec<_>>());
    scene.policy.contacts.match_fields = vec![ApiName::of("Roster__c"), ApiName::of("Email")];
}

fn keyed(declared: &mut DesiredUser, key: &str) {
    declared.contact_custom.insert(ApiName::of("Roster__c"), Scalar::Text(key.into()));
}

const RENAMES: &[Case] = &[
    Case {
        says: "a former username makes it a rename",
        given: |scene| {
            kim_as(scene, OLD);
            scene.declare(KIM, ACME, CUSTOMER);
            former(scene, KIM, &[OLD]);
        },
        then: &[
            "rename kim.osei@acme.example because declared; User.Username k.osei@acme.example > kim.osei@acme.example",
        ],
    },
    Case {
        says: "a rename that is done stays done",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER);
            former(scene, KIM, &[OLD]);
        },
        then: &[],
    },
    Case {
        says: "of several former usernames the one that exists counts",
        given: |scene| {
            kim_as(scene, OLD);
            scene.declare(KIM, ACME, CUSTOMER);
            former(scene, KIM, &["kim@acme.example", OLD]);
        },
        then: &[
            "rename kim.osei@acme.example because declared; User.Username k.osei@acme.example > kim.osei@acme.example",
        ],
    },
    Case {
        says: "several users with a former username are not guessed between",
        given: |scene| {
            kim_as(scene, OLD);
            kim_as(scene, "kim@acme.example");
            scene.not_asked(Why::SharedAddress);
            scene.declare(KIM, ACME, CUSTOMER);
            former(scene, KIM, &["kim@acme.example", OLD]);
        },
        then: &["update kim.osei@acme.example (blocked) because declared", "error P2301"],
    },
    Case {
        says: "a user is not renamed for two people",
        given: |scene| {
            kim_as(scene, OLD);
            for username in [KIM, JAMIE] {
                scene.declare(username, ACME, CUSTOMER);
                former(scene, username, &[OLD]);
            }
        },
        then: &[
            "update kim.osei@acme.example (blocked) because declared",
            "update jamie.rivera@acme.example (blocked) because declared",
            "error P2301",
            "error P2301",
        ],
    },
    Case {
        says: "a disabled user is not renamed",
        given: |scene| {
            scene.inactive(KIM, ACME, CUSTOMER).contact = None;
            scene.observed(KIM).username = Username::observed(OLD);
            scene.declare(KIM, ACME, CUSTOMER);
            former(scene, KIM, &[OLD]);
        },
        then: &["create kim.osei@acme.example because declared; contact create"],
    },
    Case {
        says: "an internal user is not renamed",
        given: |scene| {
            kim_as(scene, OLD);
            scene.observed(OLD).user_type = UserType::observed("Standard");
            scene.declare(KIM, ACME, CUSTOMER);
            former(scene, KIM, &[OLD]);
        },
        then: &["update kim.osei@acme.example (blocked) because declared", "error P2016"],
    },
    Case {
        says: "an inactive user is renamed and reactivated in one",
        given: |scene| {
            scene.inactive(KIM, ACME, CUSTOMER).username = Username::observed(OLD);
            scene.declare(KIM, ACME, CUSTOMER);
            former(scene, KIM, &[OLD]);
        },
        then: &[
            "reactivate kim.osei@acme.example because declared; User.Username k.osei@acme.example > kim.osei@acme.example",
        ],
    },
    Case {
        says: "whoever is to be inactive is deactivated under the old name",
        given: |scene| {
            kim_as(scene, OLD);
            scene.declare(KIM, ACME, CUSTOMER).state = DeclaredState::Inactive;
            former(scene, KIM, &[OLD]);
        },
        then: &["deactivate kim.osei@acme.example because state"],
    },
    Case {
        says: "a chain: everybody gets the next one's name",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER).username = Username::observed(OLD);
            scene.user(JAMIE, ACME, CUSTOMER).username = Username::observed(KIM);
            scene.declare(KIM, ACME, CUSTOMER);
            scene.declare(JAMIE, ACME, CUSTOMER);
            former(scene, KIM, &[OLD]);
            former(scene, JAMIE, &[KIM]);
        },
        then: &[
            "rename kim.osei@acme.example because declared; User.Username k.osei@acme.example > kim.osei@acme.example",
            "rename jamie.rivera@acme.example because declared; User.Username kim.osei@acme.example > jamie.rivera@acme.example",
        ],
    },
    Case {
        says: "a swap that is ahead is told by the people's names",
        given: swapped,
        then: &[
            "rename kim.osei@acme.example because declared; User.Username jamie.rivera@acme.example > kim.osei@acme.example",
            "rename jamie.rivera@acme.example because declared; User.Username kim.osei@acme.example > jamie.rivera@acme.example",
        ],
    },
    Case {
        says: "a swap that is done stays done",
        given: |scene| {
            for username in [KIM, JAMIE] {
                scene.user(username, ACME, CUSTOMER);
                scene.declare(username, ACME, CUSTOMER);
            }
            former(scene, KIM, &[JAMIE]);
            former(scene, JAMIE, &[KIM]);
        },
        then: &[],
    },
    Case {
        says: "a new person may take the name that a renamed one leaves",
        given: |scene| {
            scene.user(JAMIE, ACME, CUSTOMER).username = Username::observed(KIM);
            scene.declare(KIM, ACME, CUSTOMER);
            scene.declare(JAMIE, ACME, CUSTOMER);
            former(scene, JAMIE, &[KIM]);
        },
        then: &[
            "create kim.osei@acme.example because declared; contact create",
            "rename jamie.rivera@acme.example because declared; User.Username kim.osei@acme.example > jamie.rivera@acme.example",
        ],
    },
    Case {
        says: "a user who may as well be the one declared by that name is not renamed",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER);
            scene.declare(KIM, ACME, CUSTOMER);
            scene.declare(JAMIE, ACME, CUSTOMER);
            former(scene, JAMIE, &[KIM]);
        },
        then: &["update jamie.rivera@acme.example (blocked) because declared", "error P2301"],
    },
    Case {
        says: "whoever waits for the name of somebody held up waits with them",
        given: |scene| {
            scene.user(KIM, ACME, CUSTOMER).username = Username::observed(OLD);
            scene.user(JAMIE, ACME, CUSTOMER).username = Username::observed(KIM);
            scene.declare(KIM, ACME, CUSTOMER);
            scene.declare(JAMIE, "Globex", CUSTOMER);
            former(scene, KIM, &[OLD]);
            former(scene, JAMIE, &[KIM]);
        },
        then: &[
            "rename kim.osei@acme.example (blocked) because declared; User.Username k.osei@acme.example > kim.osei@acme.example",
            "rename jamie.rivera@acme.example (blocked) because declared; User.Username kim.osei@acme.example > jamie.rivera@acme.example",
            "error P2302",
            "error P2001",
        ],
    },
    Case {
        says: "a suffix is added to former usernames as well",
        given: |scene| {
            ".uat".clone_into(&mut scene.request.username_suffix);
            kim_as(scene, "k.osei@acme.example.uat");
            scene.declare(KIM, ACME, CUSTOMER);
            former(scene, KIM, &[OLD]);
        },
        then: &[
            "rename kim.osei@acme.example because declared; User.Username k.osei@acme.example.uat > kim.osei@acme.example.uat",
        ],
    },
];

#[test]
fn renames() {
    check(RENAMES);
}

/// The renames of a plan, step by step.
fn steps(scene: &Scene) -> Vec<Vec<String>> {
    stages(&scene.plan())
        .into_iter()
        .filter_map(|stage| match stage {
            Stage::Rename(rows) => {
                Some(rows.into_iter().map(|(_, _, name)| name.to_string()).collect())
            }
            _ => None,
        })
        .collect()
}

#[test]
fn no_username_is_taken_twice_on_the_way() {
    let mut scene = scene();
    scene.user(KIM, ACME, CUSTOMER).username = Username::observed(OLD);
    scene.user(JAMIE, ACME, CUSTOMER).username = Username::observed(KIM);
    scene.user(PAT, ACME, CUSTOMER).username = Username::observed(JAMIE);
    for (username, old) in [(KIM, OLD), (JAMIE, KIM), (PAT, JAMIE)] {
        scene.declare(username, ACME, CUSTOMER);
        former(&mut scene, username, &[old]);
    }
    assert_eq!(steps(&scene), [[PAT], [JAMIE], [KIM]]);
}

#[test]
fn a_swap_goes_through_a_name_that_the_next_run_knows() {
    let mut scene = scene();
    swapped(&mut scene);
    let all = steps(&scene);
    assert_eq!(all[1..], [[JAMIE], [KIM]]);
    let [interim] = all[0].as_slice() else { panic!("{all:?}") };
    let id = scene.observed(JAMIE).id.as_str().to_lowercase();
    assert!(interim.starts_with(&id), "{interim}");

    // After each step the work may have stopped: what is left is planned, and nothing else.
    scene.observed(JAMIE).username = Username::observed(interim);
    assert_eq!(steps(&scene), [[JAMIE], [KIM]]);
    scene.observed(KIM).username = Username::observed(JAMIE);
    assert_eq!(steps(&scene), [[KIM]]);
    scene.observed(interim).username = Username::observed(KIM);
    assert!(scene.lines().is_empty());
}

#[test]
fn a_rename_is_never_written_along_with_other_values() {
    let mut scene = scene();
    kim_as(&mut scene, OLD);
    let declared = scene.declare(KIM, ACME, CUSTOMER);
    declared.fields.insert(UserField::Title, Value::of("Buyer"));
    former(&mut scene, KIM, &[OLD]);
    let plan = scene.plan();
    let written: Vec<_> = plan.changes[0].user_writes().map(|(field, _)| field).collect();
    assert_eq!(written, ["Title"]);
    let stages = stages(&plan);
    assert!(matches!(stages[..], [Stage::Rename(_), Stage::UpdateUsers(_)]), "{stages:?}");
}

#[test]
fn what_is_said_names_the_holder_and_the_candidates() {
    let mut scene = scene();
    kim_as(&mut scene, OLD);
    kim_as(&mut scene, "kim@acme.example");
    scene.declare(KIM, ACME, PARTNER);
    former(&mut scene, KIM, &["kim@acme.example", OLD]);
    let said = scene.plan().diagnostics[0].message.clone();
    assert_eq!(
        said,
        "2 users have a former name: `kim@acme.example` (Kim Osei, active), `k.osei@acme.example` (Kim Osei, active)"
    );
}
