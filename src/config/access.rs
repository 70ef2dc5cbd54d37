//! Permission sets, groups and licences of one level: `permission_sets` and its three siblings.

use std::sync::Arc;

use toml::de::DeValue;

use crate::model::{Access, AccessKind, ByKind, SetGrant, SetName};

use super::reader::{Entry, Reader, Table};

/// One list of one level.
#[derive(Clone, Debug, Default)]
pub(super) struct Grants {
    /// Whether levels further away are left out.
    pub(super) only: bool,
    pub(super) list: Vec<SetGrant>,
}

/// The four lists of one level, as far as they are there.
pub(super) type Lists = ByKind<Option<Grants>>;

/// Reads the four keys.
pub(super) fn read(reader: &mut Reader<'_>, table: &mut Table<'_>) -> Lists {
    let mut lists = Lists::default();
    for kind in AccessKind::ALL {
        if let Some(entry) = table.take(kind.key()) {
            *lists.get_mut(kind) = grants(reader, entry, kind);
        }
    }
    lists
}

/// Lists add up until one says `only`; of one name that stands twice, the nearer expiry counts.
pub(super) fn over(nearer: &Lists, further: &Lists) -> Lists {
    let mut lists = nearer.clone();
    for (kind, below) in further.iter() {
        let above = lists.get_mut(kind);
        match (&mut *above, below) {
            (None, _) => above.clone_from(below),
            (Some(above), Some(below)) if !above.only => {
                above.only = below.only;
                for grant in &below.list {
                    if above.list.iter().all(|nearer| nearer.name != grant.name) {
                        above.list.push(grant.clone());
                    }
                }
            }
            (Some(_), _) => {}
        }
    }
    lists
}

/// What the lists come to.
pub(super) fn finish(lists: &Lists) -> Access {
    let mut access = Access::default();
    for (kind, grants) in lists.iter() {
        *access.get_mut(kind) = grants.as_ref().map(|grants| Arc::from(grants.list.as_slice()));
    }
    access
}

fn grants(reader: &mut Reader<'_>, entry: Entry<'_>, kind: AccessKind) -> Option<Grants> {
    let DeValue::Table(_) = entry.raw() else {
        let DeValue::Array(_) = entry.raw() else {
            reader.items(entry);
            return None;
        };
        return Some(Grants { only: false, list: list(reader, entry, kind) });
    };
    let mut table = reader.table(entry)?;
    let only = table.take("only");
    reader.close(table, &format!("`{}`", entry.key));
    let Some(only) = only else {
        let fault = "the table has no list";
        reader.invalid(entry, fault, format!("write {} = {{ only = [...] }}", entry.key));
        return None;
    };
    Some(Grants { only: true, list: list(reader, only, kind) })
}

fn list(reader: &mut Reader<'_>, list: Entry<'_>, kind: AccessKind) -> Vec<SetGrant> {
    let mut grants: Vec<SetGrant> = Vec::new();
    for item in reader.items(list) {
        let Some(grant) = grant(reader, item, kind) else {
            continue;
        };
        if grants.iter().any(|other| other.name == grant.name) {
            let fault = format!("`{}` stands here twice", grant.name);
            reader.invalid(item, &fault, "keep one of them");
        } else {
            grants.push(grant);
        }
    }
    grants
}

fn grant(reader: &mut Reader<'_>, item: Entry<'_>, kind: AccessKind) -> Option<SetGrant> {
    let DeValue::Table(_) = item.raw() else {
        let name = reader.parsed(item, SetName::parse, help(kind))?;
        return Some(SetGrant { name, expires: None });
    };
    let mut table = reader.table(item)?;
    let name = table.take("name");
    let dated = match kind {
        AccessKind::PermissionSet
        | AccessKind::PermissionSetGroup
        | AccessKind::PermissionSetLicense => true,
        AccessKind::Group => false,
    };
    let expires = if dated {
        table.take("expires").and_then(|entry| reader.date(entry))
    } else {
        if let Some(entry) = table.take_unlisted("expires") {
            let fault = "the membership of a public group has no last day";
            reader.invalid(entry, fault, "remove it, or give the user itself an `expires`");
        }
        None
    };
    reader.close(table, &format!("a {}", kind.what()));
    let Some(name) = name else {
        reader.invalid(item, "`name` is missing", "write `{ name = \"…\", expires = 2027-03-31 }`");
        return None;
    };
    Some(SetGrant { name: reader.parsed(name, SetName::parse, help(kind))?, expires })
}

/// How a name of this kind is written.
pub(super) const fn help(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::PermissionSet => {
            "write the API name, such as `Orders_Read` or `ns__Orders_Read`"
        }
        AccessKind::PermissionSetGroup => {
            "write the API name, such as `Order_Desk` or `ns__Order_Desk`"
        }
        AccessKind::PermissionSetLicense => {
            "write the API name (`DeveloperName`), not the name that Setup shows"
        }
        AccessKind::Group => "write the API name (`DeveloperName`), such as `Partner_Leads`",
    }
}
