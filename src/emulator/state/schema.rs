//! An org's own objects and fields, and what of the others is out of sight.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::emulator::schema::{Field, Kind, Schema, Values};
use crate::emulator::store::Org;

/// The types of fields of an org's own.
pub(in crate::emulator) const FIELD_TYPES: [&str; 14] = [
    "Text",
    "LongTextArea",
    "Email",
    "Phone",
    "Url",
    "Picklist",
    "MultiselectPicklist",
    "Checkbox",
    "Number",
    "Currency",
    "Percent",
    "Date",
    "DateTime",
    "Lookup",
];

pub(super) fn write(org: &Org) -> Json {
    let objects: Vec<Json> = org
        .schema
        .all()
        .iter()
        .filter(|info| info.custom)
        .map(|info| json!({ "name": info.name, "label": info.label, "plural": info.plural }))
        .collect();
    let mut fields = Vec::new();
    let mut hidden = Vec::new();
    for info in org.schema.all() {
        if info.hidden {
            hidden.push(info.name.to_string());
        }
        for field in &info.fields {
            if field.custom {
                fields.push(custom(&org.schema, &info.name, field));
            }
            if field.hidden {
                hidden.push(format!("{}.{}", info.name, field.name));
            }
        }
    }
    json!({ "objects": objects, "fields": fields, "hidden": hidden })
}

fn custom(schema: &Schema, object: &str, field: &Field) -> Json {
    let values: Vec<&str> =
        field.kind.values().map(|values| values.iter().collect()).unwrap_or_default();
    let to = match &field.kind {
        Kind::Reference(to, _) => to.first().map(|to| schema.info(*to).name.to_string()),
        _ => None,
    };
    json!({
        "Object": object,
        "Name": field.name,
        "Label": field.label,
        "Type": type_name(&field.kind),
        "Length": field.kind.length(),
        "Values": values,
        "To": to,
        "Required": field.required,
        "Unique": field.unique,
        "ExternalId": field.external_id,
        "CaseSensitive": field.case_sensitive,
        "ReadOnly": !field.update,
    })
}

/// Restores what [`write()`] wrote.
pub(super) fn read(org: &mut Org, json: &Json) -> Option<()> {
    for one in json["objects"].as_array().into_iter().flatten() {
        let text = |key: &str| one[key].as_str();
        org.schema.add_object(text("name")?, text("label")?, text("plural")?)?;
    }
    for one in json["fields"].as_array().into_iter().flatten() {
        let object = org.schema.named(one["Object"].as_str()?)?;
        let field = field(&org.schema, one).ok()?;
        org.schema.add_field(object, field).then_some(())?;
    }
    let hidden: Vec<&str> =
        json["hidden"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    // Fields first: those of a hidden object cannot be reached afterwards.
    for path in hidden.iter().filter(|path| path.contains('.')) {
        org.schema.hide(path);
    }
    for path in hidden.iter().filter(|path| !path.contains('.')) {
        org.schema.hide(path);
    }
    Some(())
}

/// A field of an org's own, from the keys of a seed or a kept state; what is wrong with it.
pub(in crate::emulator) fn field(schema: &Schema, json: &Json) -> Result<Field, String> {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let name = text("Name").filter(|name| name.ends_with("__c"));
    let name = name.ok_or("a CustomField needs a `Name` that ends in `__c`")?;
    let label = text("Label").unwrap_or_else(|| name.trim_end_matches("__c").replace('_', " "));
    let length = json["Length"].as_u64().and_then(|n| usize::try_from(n).ok());
    let list: Vec<String> = json["Values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect();
    let values = Values::List(Arc::from(list));
    let kind = match text("Type").as_deref().unwrap_or("Text") {
        "Text" => Kind::Text(length.unwrap_or(255)),
        "LongTextArea" => Kind::LongText(length.unwrap_or(32_000)),
        "Email" => Kind::Email(80),
        "Phone" => Kind::Phone(40),
        "Url" => Kind::Url(255),
        "Picklist" => Kind::Picklist(values),
        "MultiselectPicklist" => Kind::Multipicklist(values),
        "Checkbox" => Kind::Bool,
        "Number" => Kind::Number,
        "Currency" => Kind::Currency,
        "Percent" => Kind::Percent,
        "Date" => Kind::Day,
        "DateTime" => Kind::Moment,
        "Lookup" => {
            let to = text("To").and_then(|to| schema.named(&to)).ok_or("a Lookup needs `To`")?;
            Kind::Reference(vec![to].into(), name.replace("__c", "__r").into())
        }
        other => return Err(format!("`{other}` is not a type of custom fields")),
    };
    let flag = |key: &str| json[key] == true;
    let mut field = Field::new(name.into(), label.into(), kind);
    field.custom = true;
    field.required = flag("Required");
    field.unique = flag("Unique");
    field.external_id = flag("ExternalId");
    field.case_sensitive = flag("CaseSensitive");
    field.indexed = field.unique || field.external_id;
    field.create = !flag("ReadOnly");
    field.update = !flag("ReadOnly");
    Ok(field)
}

const fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::LongText(_) => "LongTextArea",
        Kind::Email(_) => "Email",
        Kind::Phone(_) => "Phone",
        Kind::Url(_) => "Url",
        Kind::Picklist(_) | Kind::OpenPicklist(_) => "Picklist",
        Kind::Multipicklist(_) => "MultiselectPicklist",
        Kind::Bool => "Checkbox",
        Kind::Int | Kind::Number => "Number",
        Kind::Currency => "Currency",
        Kind::Percent => "Percent",
        Kind::Day => "Date",
        Kind::Moment => "DateTime",
        Kind::Reference(..) => "Lookup",
        Kind::Id | Kind::Text(_) => "Text",
    }
}
