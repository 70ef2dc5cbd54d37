//! What objects and fields there are.
//! Source: REST API Developer Guide, "Describe Global" and "sObject Describe"; the keys as recorded
//! from orgs, all of which some client reads.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::rows::{http_date, precondition};
use super::{Answer, ApiError, Call, World, wrong_method};
use crate::emulator::schema::{Field, Kind, Object, ObjectInfo, Schema};
use crate::emulator::store::SEEDED;

/// `GET sobjects`.
pub(super) fn global(world: &World, call: &Call, base: &str) -> Answer {
    if !matches!(call.method.as_str(), "GET" | "HEAD") {
        return wrong_method(&call.method, "HEAD,GET");
    }
    if let Some(answer) = precondition(call, Object::USER, changed()) {
        return answer;
    }
    let list: Vec<Json> = world.org.schema.objects().map(|info| entry(info, base)).collect();
    let body = json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list });
    Answer::json(200, &body).header("last-modified", http_date(changed()))
}

/// `GET sobjects/OBJECT/describe`.
pub(super) fn object(world: &World, call: &Call, name: &str, base: &str) -> Answer {
    let Some(object) = world.org.schema.named(name) else { return ApiError::not_found().into() };
    if !matches!(call.method.as_str(), "GET" | "HEAD") {
        return wrong_method(&call.method, "HEAD,GET");
    }
    if let Some(answer) = precondition(call, Object::USER, changed()) {
        return answer;
    }
    let schema = &world.org.schema;
    let info = schema.info(object);
    let mut body = entry(info, base);
    let fields: Vec<Json> = info.visible().map(|(_, one)| field(schema, info, one)).collect();
    let children: Vec<Json> = children(schema, object);
    let more = json!({
        "actionOverrides": [],
        "childRelationships": children,
        "compactLayoutable": !info.setup,
        "defaultImplementation": null,
        "extendedBy": null,
        "extendsInterfaces": null,
        "fields": fields,
        "implementedBy": null,
        "implementsInterfaces": null,
        "listviewable": null,
        "lookupLayoutable": null,
        "namedLayoutInfos": [],
        "networkScopeFieldName": null,
        "recordTypeInfos": [{
            "active": true, "available": true, "defaultRecordTypeMapping": true,
            "developerName": "Master", "master": true, "name": "Master",
            "recordTypeId": "012000000000000AAA", "urls": {},
        }],
        "searchLayoutable": !info.setup,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{ "label": format!("All {}", info.plural), "name": "everything" }],
    });
    if let (Some(body), Json::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    Answer::json(200, &body).header("last-modified", http_date(changed()))
}

/// Definitions have not changed since the org was set up.
const fn changed() -> Timestamp {
    SEEDED
}

/// An object's entry in the list of all.
pub(super) fn entry(info: &ObjectInfo, base: &str) -> Json {
    let path = format!("{base}/sobjects/{}", info.name);
    let plain = !info.setup;
    json!({
        "activateable": false,
        "associateEntityType": null,
        "associateParentEntity": null,
        "createable": info.createable(),
        "custom": info.custom,
        "customSetting": false,
        "deepCloneable": false,
        "deletable": info.deletable(),
        "deprecatedAndHidden": false,
        "feedEnabled": plain,
        "hasSubtypes": false,
        "isInterface": false,
        "isSubtype": false,
        "keyPrefix": info.key_prefix(),
        "label": info.label,
        "labelPlural": info.plural,
        "layoutable": plain,
        "mergeable": matches!(info.object, Object::ACCOUNT | Object::CONTACT),
        "mruEnabled": plain,
        "name": info.name,
        "queryable": true,
        "replicateable": plain,
        "retrieveable": true,
        "searchable": plain || info.object == Object::USER,
        "triggerable": plain || info.object == Object::USER,
        "undeletable": plain,
        "updateable": info.updateable(),
        "urls": {
            "rowTemplate": format!("{path}/{{ID}}"),
            "describe": format!("{path}/describe"),
            "sobject": path,
        },
    })
}

fn children(schema: &Schema, parent: Object) -> Vec<Json> {
    schema
        .children(parent)
        .filter_map(|(child, at, way)| {
            let info = schema.info(child);
            Some(json!({
                "cascadeDelete": false,
                "childSObject": info.name,
                "deprecatedAndHidden": false,
                "field": info.fields.get(at)?.name,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": way,
                "restrictedDelete": false,
            }))
        })
        .collect()
}

fn field(schema: &Schema, info: &ObjectInfo, field: &Field) -> Json {
    let mut json = shape(field);
    let length = field.kind.length().unwrap_or(match &field.kind {
        kind if kind.is_id() => 18,
        kind if kind.values().is_some() => 255,
        _ => 0,
    });
    let (to, way): (Vec<&str>, Option<&str>) = match &field.kind {
        Kind::Reference(to, way) => {
            (to.iter().map(|one| &*schema.info(*one).name).collect(), Some(way))
        }
        _ => (Vec::new(), None),
    };
    let named = field.name == "Name"
        || (matches!(info.object, Object::PERMISSION_SET_GROUP | Object::PERMISSION_SET_LICENSE)
            && field.name == "DeveloperName");
    let own = json!({
        "byteLength": length * 3,
        "caseSensitive": field.case_sensitive,
        "createable": field.create && info.createable(),
        "custom": field.custom,
        "defaultedOnCreate": field.defaulted,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "groupable": field.filterable && field.computed.is_none() && field.kind != Kind::Moment,
        "idLookup": field.id_lookup || field.external_id,
        "label": field.label,
        "length": length,
        "name": field.name,
        "nameField": named,
        "nillable": !field.required && !field.defaulted && field.kind != Kind::Bool,
        "permissionable": !field.required && field.kind != Kind::Id,
        "picklistValues": values(&field.kind),
        "polymorphicForeignKey": to.len() > 1,
        "referenceTo": to,
        "relationshipName": way.filter(|way| !way.is_empty()),
        "restrictedPicklist": matches!(field.kind, Kind::Picklist(_)),
        "sortable": field.filterable && !matches!(field.kind, Kind::LongText(_)),
        "unique": field.unique,
        "updateable": field.update && info.updateable(),
    });
    if let (Some(json), Json::Object(own)) = (json.as_object_mut(), own) {
        json.extend(own);
    }
    json
}

/// The keys whose values follow from the type, or are the same for every field here.
fn shape(field: &Field) -> Json {
    let (kind, soap) = types(&field.kind);
    let number = field.kind.is_number();
    let whole = field.kind == Kind::Int;
    json!({
        "aggregatable": field.filterable,
        "aiPredictionField": false,
        "autoNumber": false,
        "calculated": field.computed.is_some(),
        "calculatedFormula": null,
        "cascadeDelete": false,
        "compoundFieldName": null,
        "controllerName": null,
        "defaultValue": if field.kind == Kind::Bool { Json::from(false) } else { Json::Null },
        "defaultValueFormula": null,
        "dependentPicklist": false,
        "deprecatedAndHidden": false,
        "digits": if whole { 9 } else { 0 },
        "displayLocationInDecimal": false,
        "encrypted": false,
        "extraTypeInfo": null,
        "filteredLookupInfo": null,
        "formulaTreatNullNumberAsZero": false,
        "highScaleNumber": false,
        "htmlFormatted": false,
        "inlineHelpText": null,
        "mask": null,
        "maskType": null,
        "namePointing": false,
        "precision": if number && !whole { 18 } else { 0 },
        "queryByDistance": false,
        "referenceTargetField": null,
        "relationshipOrder": null,
        "restrictedDelete": false,
        "scale": if number && !whole { 2 } else { 0 },
        "searchPrefilterable": false,
        "soapType": soap,
        "type": kind,
        "writeRequiresMasterRead": false,
    })
}

const fn types(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Id => ("id", "tns:ID"),
        Kind::Text(_) => ("string", "xsd:string"),
        Kind::LongText(_) => ("textarea", "xsd:string"),
        Kind::Email(_) => ("email", "xsd:string"),
        Kind::Phone(_) => ("phone", "xsd:string"),
        Kind::Url(_) => ("url", "xsd:string"),
        Kind::Picklist(_) | Kind::OpenPicklist(_) => ("picklist", "xsd:string"),
        Kind::Multipicklist(_) => ("multipicklist", "xsd:string"),
        Kind::Bool => ("boolean", "xsd:boolean"),
        Kind::Int => ("int", "xsd:int"),
        Kind::Number => ("double", "xsd:double"),
        Kind::Currency => ("currency", "xsd:double"),
        Kind::Percent => ("percent", "xsd:double"),
        Kind::Day => ("date", "xsd:date"),
        Kind::Moment => ("datetime", "xsd:dateTime"),
        Kind::Reference(..) => ("reference", "tns:ID"),
    }
}

fn values(kind: &Kind) -> Vec<Json> {
    let entry = |value: &str| {
        let mut one = Map::new();
        one.insert("active".to_owned(), Json::from(true));
        one.insert("defaultValue".to_owned(), Json::from(false));
        one.insert("label".to_owned(), Json::from(value));
        one.insert("validFor".to_owned(), Json::Null);
        one.insert("value".to_owned(), Json::from(value));
        Json::Object(one)
    };
    kind.values().map(|values| values.iter().map(entry).collect()).unwrap_or_default()
}
