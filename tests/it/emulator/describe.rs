//! What describe says of objects and fields.

use serde_json::{Value, json};

use super::{MORE, ORG, Org};

/// Keys that some client reads of every field. Source: recorded describe answers.
const FIELD_KEYS: &str = "aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula \
    cascadeDelete caseSensitive compoundFieldName controllerName createable custom defaultValue \
    defaultValueFormula defaultedOnCreate dependentPicklist deprecatedAndHidden digits \
    displayLocationInDecimal encrypted externalId extraTypeInfo filterable filteredLookupInfo \
    formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup inlineHelpText label length \
    mask maskType name nameField namePointing nillable permissionable picklistValues polymorphicForeignKey \
    precision queryByDistance referenceTargetField referenceTo relationshipName relationshipOrder \
    restrictedDelete restrictedPicklist scale searchPrefilterable soapType sortable type unique updateable \
    writeRequiresMasterRead";

/// Keys of an object's entry in the list of all.
const OBJECT_KEYS: &str = "activateable associateEntityType associateParentEntity createable custom customSetting \
    deepCloneable deletable deprecatedAndHidden feedEnabled hasSubtypes isInterface isSubtype keyPrefix label \
    labelPlural layoutable mergeable mruEnabled name queryable replicateable retrieveable searchable triggerable \
    undeletable updateable urls";

#[tokio::test]
async fn describe_has_every_key_that_clients_read() {
    let org = Org::start(&format!("{ORG}{MORE}")).await;
    let (_, all) = org.get("sobjects").await;
    assert_eq!((&all["encoding"], &all["maxBatchSize"]), (&json!("UTF-8"), &json!(200)));
    let list = all["sobjects"].as_array().unwrap();
    for entry in list {
        for key in OBJECT_KEYS.split_whitespace() {
            assert!(entry.get(key).is_some(), "{key} of {}", entry["name"]);
        }
        let path =
            entry["urls"]["describe"].as_str().unwrap().trim_start_matches("/services/data/v66.0/");
        let (status, described) = org.get(path).await;
        assert_eq!(status, 200);
        for field in described["fields"].as_array().unwrap() {
            for key in FIELD_KEYS.split_whitespace() {
                assert!(field.get(key).is_some(), "{key} of {}.{}", entry["name"], field["name"]);
            }
        }
    }
    let flags = |name: &str| {
        let entry = list.iter().find(|one| one["name"] == name).unwrap();
        ["createable", "updateable", "deletable", "keyPrefix"].map(|key| entry[key].clone())
    };
    for (name, expected) in [
        ("User", json!([true, true, false, "005"])),
        ("UserLicense", json!([false, false, false, "100"])),
        ("UserLogin", json!([false, true, false, "0Yw"])),
        ("Organization", json!([false, true, false, "00D"])),
        ("PermissionSetAssignment", json!([true, true, true, "0Pa"])),
        ("GroupMember", json!([true, false, true, "011"])),
        ("NetworkMember", json!([false, true, false, "0DO"])),
        ("Contact", json!([true, true, true, "003"])),
    ] {
        assert_eq!(Value::from(flags(name).to_vec()), expected, "{name}");
    }
}

#[tokio::test]
async fn the_fields_of_a_user_are_described_as_documented() {
    let org = Org::start(&format!("{ORG}{MORE}")).await;
    let (_, user) = org.get("sobjects/user/describe").await;
    let field = |name: &str| {
        let fields = user["fields"].as_array().unwrap();
        fields.iter().find(|one| one["name"] == name).unwrap().clone()
    };
    // Create, update, may be null, length.
    for (name, expected) in [
        ("Id", json!([false, false, false, 18])),
        ("Username", json!([true, true, false, 80])),
        ("LastName", json!([true, true, false, 80])),
        ("FirstName", json!([true, true, true, 40])),
        ("Alias", json!([true, true, false, 8])),
        ("AccountId", json!([false, false, true, 18])),
        ("UserType", json!([false, false, true, 255])),
        ("IsPortalEnabled", json!([false, true, false, 0])),
        ("FederationIdentifier", json!([true, true, true, 512])),
        ("LastLoginDate", json!([false, false, true, 0])),
    ] {
        let field = field(name);
        let found =
            ["createable", "updateable", "nillable", "length"].map(|key| field[key].clone());
        assert_eq!(Value::from(found.to_vec()), expected, "{name}");
    }
    assert_eq!(field("ProfileId")["referenceTo"], json!(["Profile"]));
    assert_eq!(field("ProfileId")["relationshipName"], "Profile");
    let zone = field("TimeZoneSidKey");
    assert_eq!(zone["restrictedPicklist"], true);
    assert!(
        zone["picklistValues"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["value"] == "Europe/Berlin")
    );
    assert_eq!(field("Username")["idLookup"], true);
    let (_, contact) = org.get("sobjects/Contact/describe").await;
    let own = contact["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Roster_Key__c")
        .unwrap();
    assert_eq!(
        (&own["custom"], &own["externalId"], &own["unique"]),
        (&json!(true), &json!(true), &json!(true))
    );
    let children = user["childRelationships"].as_array().unwrap();
    assert!(children.iter().any(|one| one["relationshipName"] == "PermissionSetAssignments"));
}
