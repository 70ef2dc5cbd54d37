//! `[safety]`: limits on how much one plan may do.

use toml::de::DeValue;

use crate::model::{Limit, Safety};

use super::reader::{Entry, Reader};

/// The keys of the table, as far as they are there.
#[derive(Clone, Copy, Default)]
pub(super) struct SafetyKeys {
    deactivations: Option<Limit>,
    reactivations: Option<Limit>,
    access_changes: Option<Limit>,
    creates: Option<Limit>,
    updates: Option<Limit>,
    emails: Option<Limit>,
    keep_one_active_per_account: Option<bool>,
}

/// Reads `[safety]`.
pub(super) fn read(reader: &mut Reader<'_>, entry: Entry<'_>) -> SafetyKeys {
    let mut keys = SafetyKeys::default();
    let Some(mut table) = reader.table(entry) else {
        return keys;
    };
    for (key, limit) in [
        ("max_deactivations", &mut keys.deactivations),
        ("max_reactivations", &mut keys.reactivations),
        ("max_access_changes", &mut keys.access_changes),
        ("max_creates", &mut keys.creates),
        ("max_updates", &mut keys.updates),
        ("max_emails", &mut keys.emails),
    ] {
        *limit = table.take(key).and_then(|entry| self::limit(reader, entry));
    }
    keys.keep_one_active_per_account =
        table.take("keep_one_active_per_account").and_then(|entry| reader.boolean(entry));
    reader.close(table, "`[safety]`");
    keys
}

fn limit(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<Limit> {
    if let DeValue::String(_) = entry.raw() {
        let percent =
            |text: &str| Limit::percent(text).ok_or("it is neither a count nor a percentage");
        return reader.parsed(entry, percent, "write 25 or \"10%\"").map(Limit::Percent);
    }
    reader.count(entry).map(Limit::Count)
}

impl SafetyKeys {
    /// These keys, and others where these are silent.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            deactivations: self.deactivations.or(others.deactivations),
            reactivations: self.reactivations.or(others.reactivations),
            access_changes: self.access_changes.or(others.access_changes),
            creates: self.creates.or(others.creates),
            updates: self.updates.or(others.updates),
            emails: self.emails.or(others.emails),
            keep_one_active_per_account: self
                .keep_one_active_per_account
                .or(others.keep_one_active_per_account),
        }
    }

    /// What they come to.
    pub(super) fn finish(self) -> Safety {
        let default = Safety::default();
        Safety {
            deactivations: self.deactivations.unwrap_or(default.deactivations),
            reactivations: self.reactivations.unwrap_or(default.reactivations),
            access_changes: self.access_changes.unwrap_or(default.access_changes),
            creates: self.creates.or(default.creates),
            updates: self.updates.or(default.updates),
            emails: self.emails.or(default.emails),
            keep_one_active_per_account: self
                .keep_one_active_per_account
                .unwrap_or(default.keep_one_active_per_account),
        }
    }
}
