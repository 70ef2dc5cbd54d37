//! One copy of what many users share.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::{Access, AccountRef, FieldValues, ProfileName, Value};

use super::access::{self, Lists};

/// What was seen so far.
#[derive(Default)]
pub(super) struct Intern {
    texts: HashSet<Arc<str>, RandomState>,
    profiles: BTreeMap<ProfileName, ProfileName>,
    accesses: Vec<Arc<Access>>,
}

/// More different lists than this are not compared with each other.
const MOST_LISTS: usize = 64;

impl Intern {
    pub(super) fn text(&mut self, text: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        self.texts.insert(Arc::clone(text));
        Arc::clone(text)
    }

    pub(super) fn account(&mut self, account: AccountRef) -> AccountRef {
        match account {
            AccountRef::Name(name) => AccountRef::Name(self.text(&name)),
            AccountRef::Id(_) | AccountRef::External(_) => account,
        }
    }

    pub(super) fn profile(&mut self, profile: ProfileName) -> ProfileName {
        if let Some(known) = self.profiles.get(&profile) {
            return known.clone();
        }
        self.profiles.insert(profile.clone(), profile.clone());
        profile
    }

    /// The values that many people have in common.
    pub(super) fn values(&mut self, values: &mut FieldValues) {
        for (field, value) in values.values_mut() {
            if let (Value::Text(text), true) = (&*value, field.is_common()) {
                *value = Value::Text(self.text(text));
            }
        }
        values.shrink_to_fit();
    }

    /// What lists come to.
    pub(super) fn access(&mut self, lists: &Lists) -> Arc<Access> {
        let access = access::finish(lists);
        if let Some(known) = self.accesses.iter().find(|known| ***known == access) {
            return Arc::clone(known);
        }
        let access = Arc::new(access);
        if self.accesses.len() < MOST_LISTS {
            self.accesses.push(Arc::clone(&access));
        }
        access
    }
}
