//! Rules of users, licences, roles, groups and assignments, beyond creating a user.

use serde_json::{Value, json};

use super::{MORE, ORG, Org, why};

const KIM: &str = "kim.osei@acme.example";

async fn org() -> Org {
    Org::start(&format!("{ORG}{MORE}")).await
}

async fn with(more: &str) -> Org {
    Org::start(&format!("{ORG}{MORE}{more}")).await
}

impl Org {
    /// The path of a user.
    async fn user(&self, username: &str) -> String {
        format!("sobjects/User/{}", self.id("User", "Username", username).await)
    }

    /// Makes a user of a contact; the path.
    async fn enable(&self, email: &str, profile: &str) -> String {
        let user = self.new_user(email, email, profile).await;
        let (status, made) = self.post("sobjects/User", user).await;
        assert_eq!(status, 201, "{made}");
        format!("sobjects/User/{}", made["id"].as_str().unwrap())
    }

    async fn profile(&self, name: &str) -> Value {
        json!({ "ProfileId": self.id("Profile", "Name", name).await })
    }
}

/// The code of a change that has to be refused.
async fn refused(org: &Org, path: &str, change: Value) -> (String, String) {
    let (status, answer) = org.patch(path, change).await;
    assert_eq!(status, 400, "{answer}");
    let (code, text) = why(&answer);
    (code.to_owned(), text.to_owned())
}

#[tokio::test]
async fn a_user_moves_between_licences_as_documented() {
    let org = org().await;
    let kim = org.user(KIM).await;
    for (profile, status) in [
        ("Acme Login", 204),
        ("Acme Customer", 204),
        ("Acme Plus", 204),
        ("Acme Customer", 400),
        ("Acme Partner", 400),
        ("Standard User", 400),
    ] {
        let (found, answer) = org.patch(&kim, org.profile(profile).await).await;
        assert_eq!(found, status, "{profile}: {answer}");
        if found == 400 {
            assert!(why(&answer).1.starts_with(
                "You can only assign profiles that are compatible with the user's license."
            ));
        }
    }
    let org = with("\n[emulator]\nplus_to_community = true\n").await;
    let kim = org.user(KIM).await;
    assert_eq!(org.patch(&kim, org.profile("Acme Plus").await).await.0, 204);
    assert_eq!(org.patch(&kim, org.profile("Acme Customer").await).await.0, 204);
}

#[tokio::test]
async fn an_org_that_uses_more_than_it_has_lets_nobody_in() {
    let over = ORG.replace(
        "TotalLicenses = 3\n[[UserLicense]]\nName = \"Partner",
        "TotalLicenses = 3\nUsedLicenses = 4\n[[UserLicense]]\nName = \"Partner",
    );
    let org = Org::start(&over).await;
    let seats =
        "SELECT TotalLicenses, UsedLicenses FROM UserLicense WHERE Name = 'Customer Community'";
    assert_eq!(org.rows(seats).await, [json!({ "TotalLicenses": 3, "UsedLicenses": 5 })]);
    let kim = org.user(KIM).await;
    assert_eq!(org.patch(&kim, json!({ "IsActive": false })).await.0, 204);
    let (code, _) = refused(&org, &kim, json!({ "IsActive": true })).await;
    assert_eq!(code, "LICENSE_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn role_based_users_get_the_roles_of_their_account() {
    let org = with("\n[emulator]\naccount_roles = 2\n").await;
    let pia = org.enable("pia@acme.example", "Acme Plus").await;
    let role = "SELECT UserRole.Name, PortalRole FROM User WHERE Email = 'pia@acme.example'";
    let shown = org.rows(role).await;
    assert_eq!(
        shown,
        [json!({ "UserRole": { "Name": "Acme Corp Customer User" }, "PortalRole": "User" })]
    );
    assert_eq!(org.patch(&pia, json!({ "PortalRole": "Manager" })).await.0, 204);
    assert_eq!(org.rows(role).await[0]["UserRole"]["Name"], "Acme Corp Customer Manager");
    let wrong =
        ("FIELD_INTEGRITY_EXCEPTION".to_owned(), "role type must match user type".to_owned());
    assert_eq!(refused(&org, &pia, json!({ "PortalRole": "Executive" })).await, wrong);
    let inside = org.id("UserRole", "Name", "Sales").await;
    assert_eq!(refused(&org, &pia, json!({ "UserRoleId": inside })).await, wrong);
    let portal = org.id("UserRole", "Name", "Acme Corp Customer User").await;
    assert_eq!(refused(&org, &org.user(KIM).await, json!({ "UserRoleId": portal })).await, wrong);
    let account = org.id("Account", "Name", "Acme Corp").await;
    let named = json!({ "PortalType": "Partner", "PortalAccountId": account, "Name": "Mine" });
    let (_, answer) = org.post("sobjects/UserRole", named).await;
    assert_eq!(why(&answer).1, "Cannot specify system-maintained portal role field: [Name]");
    let flag = org.rows("SELECT IsCustomerPortal FROM Account WHERE Name = 'Acme Corp'").await;
    assert_eq!(flag[0]["IsCustomerPortal"], true);
}

#[tokio::test]
async fn with_role_optimization_the_first_two_users_move_together() {
    let org = with("\n[emulator]\naccount_role_optimization = true\n").await;
    let role = "SELECT UserRole.Name FROM User WHERE Profile.Name = 'Acme Plus' ORDER BY Email";
    org.enable("pia@acme.example", "Acme Plus").await;
    assert_eq!(org.rows(role).await[0]["UserRole"]["Name"], "owner Customer Person Account");
    org.enable("second@acme.example", "Acme Plus").await;
    let both = org.rows(role).await;
    let name = json!({ "UserRole": { "Name": "Acme Corp Customer User" } });
    assert_eq!(both, [name.clone(), name]);
}

#[tokio::test]
async fn groups_take_a_member_once_and_no_high_volume_users() {
    let org = org().await;
    let pia = org.enable("pia@acme.example", "Acme Plus").await;
    let group = org.id("Group", "DeveloperName", "Insiders").await;
    let member = |user: &str| json!({ "GroupId": group, "UserOrGroupId": user.trim_start_matches("sobjects/User/") });
    let (status, first) = org.post("sobjects/GroupMember", member(&pia)).await;
    assert_eq!(status, 201);
    let (status, again) = org.post("sobjects/GroupMember", member(&pia)).await;
    assert_eq!((status, &again["id"]), (201, &first["id"]), "an existing membership is answered");
    let (status, answer) = org.post("sobjects/GroupMember", member(&org.user(KIM).await)).await;
    assert_eq!((status, why(&answer).0), (400, "LIGHT_PORTAL_USER_EXCEPTION"));
    let path = format!("sobjects/GroupMember/{}", first["id"].as_str().unwrap());
    assert_eq!(org.patch(&path, json!({})).await.0, 400, "no update");
    assert_eq!(org.delete(&path).await.0, 204);
}

#[tokio::test]
async fn sets_groups_of_sets_and_set_licences_keep_their_rules() {
    let org = org().await;
    let kim = org.id("User", "Username", KIM).await;
    let ines = org.id("User", "Username", "ines.old@acme.example").await;
    let assign = async |user: &str, field: &str, id: String| {
        org.post("sobjects/PermissionSetAssignment", json!({ "AssigneeId": user, field: id })).await
    };
    let set = async |name: &str| org.id("PermissionSet", "Name", name).await;
    let (_, answer) = assign(&kim, "PermissionSetId", set("Portal_Base").await).await;
    assert!(why(&answer).1.starts_with("Duplicate PermissionSetAssignment. "));
    let (_, answer) = assign(&kim, "PermissionSetId", set("Heavy").await).await;
    assert_eq!(
        why(&answer).1,
        "Can't assign permission set Heavy to user Kim Osei. The user license doesn't allow the permission: Read Accounts"
    );

    let bundle = org.id("PermissionSetGroup", "DeveloperName", "Bundle").await;
    assert_eq!(assign(&kim, "PermissionSetGroupId", bundle).await.0, 201);
    let through =
        "SELECT PermissionSet.Type FROM PermissionSetAssignment WHERE PermissionSetGroupId != null";
    assert_eq!(org.rows(through).await, [json!({ "PermissionSet": { "Type": "Group" } })]);

    // Inactive people can be assigned to, and keep what they hold.
    assert_eq!(assign(&ines, "PermissionSetId", set("Insights").await).await.0, 201);
    let used = "SELECT UsedLicenses FROM PermissionSetLicense";
    assert_eq!(org.rows(used).await, [json!({ "UsedLicenses": 1 })], "the set brings its licence");
    let (_, answer) = assign(&kim, "PermissionSetId", set("Insights").await).await;
    assert_eq!(why(&answer), ("LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded - Insights"));

    let owned = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.IsOwnedByProfile = true LIMIT 1";
    let owned = org.rows(owned).await[0]["Id"].as_str().unwrap().to_owned();
    assert_eq!(org.delete(&format!("sobjects/PermissionSetAssignment/{owned}")).await.0, 400);
    let held = format!(
        "SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{kim}' AND PermissionSet.Name = 'Portal_Base'"
    );
    let path = format!(
        "sobjects/PermissionSetAssignment/{}",
        org.rows(&held).await[0]["Id"].as_str().unwrap()
    );
    assert_eq!(org.patch(&path, json!({ "ExpirationDate": "2026-02-01T23:59:59Z" })).await.0, 204);
    let (read, active) = (org.get(&path).await.1, json!(false));
    assert_eq!(
        (&read["ExpirationDate"], &read["IsActive"]),
        (&json!("2026-02-01T23:59:59.000+0000"), &active)
    );
    let other = json!({ "PermissionSetId": set("Door").await });
    assert_eq!(refused(&org, &path, other).await.0, "INVALID_FIELD_FOR_INSERT_UPDATE");
    assert_eq!(org.delete(&path).await.0, 204);
}

#[tokio::test]
async fn an_access_policy_takes_a_set_away_without_an_error() {
    let org =
        with("\n[[UserAccessPolicy]]\nDeveloperName = \"Strict\"\nRevokes = [\"Door\"]\n").await;
    let body = json!({ "AssigneeId": org.id("User", "Username", KIM).await, "PermissionSetId": org.id("PermissionSet", "Name", "Door").await });
    assert_eq!(org.post("sobjects/PermissionSetAssignment", body).await.0, 201);
    assert!(
        org.rows("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Door'")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn setup_of_the_org_refuses_users_in_its_own_words() {
    let seed = "\n[emulator]\nemail_domains = [\"acme.example\"]\ntaken_usernames = [\"elsewhere@acme.example\"]\n\
                license_name_in_error = false\n[[ValidationRule]]\nObject = \"User\"\nField = \"Title\"\nEquals = \"Emperor\"\nMessage = \"Nobody is emperor here.\"\n\
                [[ValidationRule]]\nObject = \"User\"\nField = \"Title\"\nEquals = \"Trigger\"\nMessage = \"Sync: execution of AfterInsert\"\nCode = \"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY\"\n";
    let org = with(seed).await;
    let good = org.new_user("pia@acme.example", "pia@acme.example", "Acme Customer").await;
    for (field, value, code, text) in [
        (
            "Email",
            "pia@other.example",
            "FIELD_INTEGRITY_EXCEPTION",
            "Invalid Email Address: Must be in domain(s) acme.example: Email",
        ),
        ("Username", "elsewhere@acme.example", "DUPLICATE_USERNAME", "Duplicate Username.<br>"),
        ("Title", "Emperor", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Nobody is emperor here."),
        (
            "Title",
            "Trigger",
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "Sync: execution of AfterInsert",
        ),
    ] {
        let mut user = good.clone();
        user[field] = json!(value);
        let (found, message) = org.refusal(&user).await;
        assert_eq!(found, code);
        assert!(message.starts_with(text), "{message}");
    }
    let named = with("\n[emulator]\nstandard_external_profiles = true\n").await;
    named.enable("pia@acme.example", "Customer Community User").await;
}

#[tokio::test]
async fn contacts_and_accounts_with_portal_users_keep_their_rules() {
    let org = org().await;
    let contact = format!("sobjects/Contact/{}", org.id("Contact", "Email", KIM).await);
    let ownerless = org.id("Account", "Name", "Ownerless Corp").await;
    let (code, text) = refused(&org, &contact, json!({ "AccountId": ownerless })).await;
    assert_eq!(
        (code.as_str(), text.as_str()),
        ("UNKNOWN_EXCEPTION", "portal account owner must have a role")
    );
    assert_eq!(why(&org.delete(&contact).await.1).0, "DELETE_FAILED");
    let olive = org.id("User", "Username", "olive.owner@acme.example").await;
    let (_, made) =
        org.post("sobjects/Account", json!({ "Name": "Target", "OwnerId": olive })).await;
    assert_eq!(org.patch(&contact, json!({ "AccountId": made["id"] })).await.0, 204);
    let moved = org.rows(&format!("SELECT Account.Name FROM User WHERE Username = '{KIM}'")).await;
    assert_eq!(moved[0]["Account"]["Name"], "Target", "the user follows the contact");

    let private = json!({ "LastName": "Private", "Email": "private@acme.example" });
    org.post("sobjects/Contact", private).await;
    let user = org.new_user("private@acme.example", "private@acme.example", "Acme Customer").await;
    assert_eq!(org.refusal(&user).await.0, "FIELD_INTEGRITY_EXCEPTION");
    let contact = org.id("Contact", "Email", "second@acme.example").await;
    let (code, _) = refused(&org, &org.user(KIM).await, json!({ "ContactId": contact })).await;
    assert_eq!(code, "INVALID_FIELD_FOR_INSERT_UPDATE");

    let account = format!("sobjects/Account/{}", made["id"].as_str().unwrap());
    assert_eq!(org.patch(&account, json!({ "IsCustomerPortal": true })).await.0, 204);
    assert_eq!(org.patch(&account, json!({ "IsCustomerPortal": false })).await.0, 204);
    let gone = org.rows("SELECT ContactId, IsActive FROM User WHERE LastName = 'Osei'").await;
    assert_eq!(gone, [json!({ "ContactId": null, "IsActive": false })], "all users are disabled");
    let osei = format!("sobjects/User/{}", org.id("User", "LastName", "Osei").await);
    assert_eq!(org.patch(&osei, json!({ "IsActive": true })).await.0, 400, "and stay so");
}

#[tokio::test]
async fn people_inside_are_different() {
    let org = with("\n[[User]]\nUsername = \"cora@acme.example\"\nLastName = \"Cases\"\nProfile = \"Standard User\"\nDefaultCaseOwner = true\n").await;
    let olive = org.user("olive.owner@acme.example").await;
    assert_eq!(org.patch(&olive, json!({ "Email": "new@acme.example" })).await.0, 204);
    let email = org.get(&olive).await.1["Email"].clone();
    assert_eq!(email, "olive.owner@acme.example", "unconfirmed, so unchanged");
    let cora = org.user("cora@acme.example").await;
    let (_, text) = refused(&org, &cora, json!({ "IsActive": false })).await;
    assert!(text.contains("default owner of cases"));
    assert_eq!(org.patch(&olive, json!({ "IsActive": false })).await.0, 204);
    let body = json!({ "Name": "Orphan", "OwnerId": olive.trim_start_matches("sobjects/User/") });
    let (_, answer) = org.post("sobjects/Account", body).await;
    assert_eq!(why(&answer).0, "INACTIVE_OWNER_OR_USER");
    let outside = org.user(KIM).await;
    assert_eq!(org.patch(&outside, json!({ "Email": "new@acme.example" })).await.0, 204);
    assert_eq!(org.get(&outside).await.1["Email"], "new@acme.example");
}
