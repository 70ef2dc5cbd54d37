//! Sites, their members and mails; the audit trail; what other people do.

use reqwest::Method;
use serde_json::{Value, json};

use super::{MORE, ORG, Org};

const KIM: &str = "kim.osei@acme.example";

async fn org() -> Org {
    Org::start(&format!("{ORG}{MORE}")).await
}

/// Who was mailed, and why.
async fn mails(org: &Org) -> Vec<(String, String)> {
    let outbox = org.control(Method::GET, "outbox", json!({})).await;
    let text = |mail: &Value, key: &str| mail[key].as_str().unwrap().to_owned();
    outbox.as_array().unwrap().iter().map(|mail| (text(mail, "kind"), text(mail, "to"))).collect()
}

fn mail(kind: &str, to: &str) -> (String, String) {
    (kind.to_owned(), to.to_owned())
}

async fn enable(org: &Org, email: &str, profile: &str) -> String {
    let user = org.new_user(email, email, profile).await;
    let (status, made) = org.post("sobjects/User", user).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn members_of_a_live_site_are_welcomed_once() {
    let org = org().await;
    let pia = enable(&org, "pia@acme.example", "Acme Plus").await;
    assert!(mails(&org).await.is_empty(), "a site under construction mails nobody");
    let body = json!({ "AssigneeId": pia, "PermissionSetId": org.id("PermissionSet", "Name", "Door").await });
    org.post("sobjects/PermissionSetAssignment", body).await;
    assert_eq!(mails(&org).await, [mail("welcome", "pia@acme.example")]);
    let sites = format!(
        "SELECT Network.Name FROM NetworkMember WHERE MemberId = '{pia}' ORDER BY Network.Name"
    );
    assert_eq!(org.rows(&sites).await.len(), 2);
    let path = format!("sobjects/User/{pia}");
    org.patch(&path, json!({ "IsActive": false })).await;
    org.patch(&path, json!({ "IsActive": true })).await;
    assert_eq!(mails(&org).await.len(), 1, "nobody is welcomed twice");

    enable(&org, "second@acme.example", "Acme Customer").await;
    assert_eq!(mails(&org).await[1], mail("welcome", "second@acme.example"));
    let member = org.rows("SELECT Id FROM NetworkMember LIMIT 1").await[0]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(org.delete(&format!("sobjects/NetworkMember/{member}")).await.0, 400);
}

#[tokio::test]
async fn a_site_that_opens_to_a_profile_takes_its_people_in() {
    let org = org().await;
    enable(&org, "pia@acme.example", "Acme Plus").await;
    let body = json!({ "NetworkId": org.id("Network", "Name", "Help").await, "ParentId": org.id("Profile", "Name", "Acme Plus").await });
    let (status, made) = org.post("sobjects/NetworkMemberGroup", body).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(mails(&org).await, [mail("welcome", "pia@acme.example")]);
    let path = format!("sobjects/NetworkMemberGroup/{}", made["id"].as_str().unwrap());
    assert_eq!(org.get(&path).await.1["AssignmentStatus"], "Added");
    assert_eq!(org.delete(&path).await.0, 400);
    assert_eq!(org.patch(&path, json!({ "AssignmentStatus": "WaitingForRemove" })).await.0, 204);
}

#[tokio::test]
async fn who_opted_out_of_processing_is_no_member() {
    let seed = "\n[[Individual]]\nLastName = \"Shy\"\nHasOptedOutProcessing = true\n[[Contact]]\nLastName = \"Shy\"\nEmail = \"shy@acme.example\"\nAccount = \"Acme Corp\"\nIndividual = \"Shy\"\n";
    let org = Org::start(&format!("{ORG}{MORE}{seed}")).await;
    let shy = enable(&org, "shy@acme.example", "Acme Customer").await;
    assert!(mails(&org).await.is_empty());
    let member = format!("SELECT Id FROM NetworkMember WHERE MemberId = '{shy}'");
    assert!(org.rows(&member).await.is_empty());
}

#[tokio::test]
async fn a_new_username_is_mailed_and_a_return_only_if_wanted() {
    let knob = "\n[emulator]\nreactivation_mail = true\n";
    let org = Org::start(&format!("{ORG}{MORE}{knob}")).await;
    let path = format!("sobjects/User/{}", org.id("User", "Username", KIM).await);
    org.patch(&path, json!({ "Username": "kim@acme.example" })).await;
    org.patch(&path, json!({ "IsActive": false })).await;
    org.patch(&path, json!({ "IsActive": true })).await;
    assert_eq!(mails(&org).await, [mail("username", KIM), mail("reactivation", KIM)]);
}

#[tokio::test]
async fn the_audit_trail_names_setup_changes_and_not_data() {
    let org = org().await;
    let kim = org.id("User", "Username", KIM).await;
    let path = format!("sobjects/User/{kim}");
    for change in [
        json!({ "Title": "Buyer", "FirstName": "Kimmy" }),
        json!({ "Email": "new@acme.example" }),
        json!({ "Username": "new@acme.example" }),
        json!({ "CommunityNickname": "kimmy" }),
        json!({ "FederationIdentifier": "fed-new" }),
        json!({ "MobilePhone": "1" }),
        json!({ "IsActive": false }),
        json!({ "IsActive": true }),
        json!({ "ProfileId": org.id("Profile", "Name", "Acme Plus").await }),
    ] {
        assert_eq!(org.patch(&path, change).await.0, 204);
    }
    let login = format!("sobjects/UserLogin/{}", org.id("UserLogin", "UserId", &kim).await);
    org.patch(&login, json!({ "IsFrozen": true })).await;
    org.patch(&login, json!({ "IsFrozen": false })).await;
    org.delete(&format!("{path}/password")).await;
    let set = org.id("PermissionSet", "Name", "Door").await;
    org.post(
        "sobjects/PermissionSetAssignment",
        json!({ "AssigneeId": kim, "PermissionSetId": set }),
    )
    .await;
    let pia = enable(&org, "pia@acme.example", "Acme Customer").await;
    org.patch(&format!("sobjects/User/{pia}"), json!({ "IsPortalEnabled": false })).await;

    let rows = org
        .rows("SELECT Action, Section, Display FROM SetupAuditTrail ORDER BY CreatedDate, Id")
        .await;
    let actions: Vec<&str> = rows.iter().map(|row| row["Action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "changedemail",
            "changedusername",
            "changedcommunitynickname",
            "changedfederationid",
            "changedUserPhoneNumber",
            "deactivateduser",
            "activateduser",
            "createdrole",
            "changedprofileforuser",
            "changedroleforuserfromnone",
            "frozeuser",
            "unfrozeuser",
            "resetpassword",
            "PermSetAssign",
            "createdcustomersuccessuser",
            "CSPUserDisabled",
        ]
    );
    let short = &kim[..15];
    assert_eq!(rows[5]["Display"], format!("Deactivated user Kimmy Osei (UserID: [{short}])"));
    assert_eq!(
        rows[1]["Display"],
        format!("Changed username for {short} from {KIM} to new@acme.example")
    );
    assert_eq!(rows[15]["Section"], "Customer Portal");
}

#[tokio::test]
async fn another_person_can_be_at_work_and_somebody_behind_them() {
    let org = org().await;
    let open =
        json!({ "username": "olive.owner@acme.example", "delegate": "rob.roleless@acme.example" });
    let session = org.control(Method::POST, "sessions", open).await;
    let id = org.id("User", "Username", KIM).await;
    let url = format!("{}/services/data/v66.0/sobjects/User/{id}", org.running.url());
    let request = org.http.patch(url).bearer_auth(session["access_token"].as_str().unwrap());
    let body = json!({ "CommunityNickname": "other" });
    assert_eq!(request.json(&body).send().await.unwrap().status(), 204);
    let who = format!("SELECT LastModifiedBy.Username FROM User WHERE Id = '{id}'");
    assert_eq!(org.rows(&who).await[0]["LastModifiedBy"]["Username"], "olive.owner@acme.example");
    let trail = org.rows("SELECT CreatedBy.LastName, DelegateUser FROM SetupAuditTrail").await;
    assert_eq!(
        trail,
        [
            json!({ "CreatedBy": { "LastName": "Owner" }, "DelegateUser": "rob.roleless@acme.example" })
        ]
    );
}
