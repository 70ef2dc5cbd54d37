//! Who is not written, which values are not, and why.

use crate::model::{Code, Rule, Username};

/// Somebody whom no file can declare so that the next plan is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Why.
    pub why: Why,
    /// Their username in the org.
    pub username: Username,
    /// What it is about: an account's name, a fault, a message of the plan.
    pub detail: Option<String>,
}

/// Why somebody is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The username does not end in the org's suffix.
    WithoutSuffix,
    /// The username is none that a file can hold.
    Username,
    /// There is no contact, or it has no account.
    Accountless,
    /// The login does not see the account.
    AccountHidden,
    /// Several accounts are called so.
    AccountAmbiguous,
    /// The account's name is none that a file can hold.
    AccountName,
    /// A value without which there is no entry is none that a file can hold.
    Unwritable,
    /// What stands in portalctl.toml cannot be undone by an entry.
    Overruled,
    /// The files would not be valid.
    Invalid(Code),
    /// The next plan would hold them up.
    Blocked(Code),
    /// The next plan would change them.
    Changed,
    /// The next plan would be stopped by a rule.
    Rule(Rule),
}

impl Why {
    /// The reason, as the end of a sentence.
    pub fn said(self) -> String {
        match self {
            Self::WithoutSuffix => "their username does not end in the org's suffix".to_owned(),
            Self::Username => "their username cannot stand in a file".to_owned(),
            Self::Accountless => "they have no account".to_owned(),
            Self::AccountHidden => "their account cannot be seen".to_owned(),
            Self::AccountAmbiguous => "several accounts have the name of theirs".to_owned(),
            Self::AccountName => "their account's name cannot stand in a file".to_owned(),
            Self::Unwritable => "a value that they need cannot stand in a file".to_owned(),
            Self::Overruled => "portalctl.toml says otherwise for everybody".to_owned(),
            Self::Invalid(code) => {
                format!("the files would not be valid: {} ({})", code.title(), code.as_str())
            }
            Self::Blocked(code) => {
                format!("the next plan would hold them up: {} ({})", code.title(), code.as_str())
            }
            Self::Changed => "the next plan would change them".to_owned(),
            Self::Rule(rule) => {
                format!("the next plan would be stopped by the rule `{}`", rule.as_str())
            }
        }
    }

    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            Self::WithoutSuffix => {
                "every declared username gets the suffix: correct `username_suffix`, or rename them in the org"
            }
            Self::Username => "rename them in the org",
            Self::Accountless => "give them a contact that belongs to an account",
            Self::AccountHidden => "give the login View All on accounts, or share the accounts",
            Self::AccountAmbiguous => {
                "rename the accounts, or name an external id of Account by `--account-key FIELD`"
            }
            Self::AccountName => "correct the name in the org",
            Self::Unwritable => "correct the value in the org",
            Self::Overruled => "take the key out of `[defaults]`, or move it to a template",
            Self::Invalid(_) | Self::Blocked(_) => "`portalctl explain CODE` says more",
            Self::Changed => "correct it in the org, or declare them by hand",
            Self::Rule(_) => "mend it in the org, or declare them by hand with an `[[allow]]`",
        }
    }
}

/// A value that is left to the org, since no file can hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omitted {
    /// Whose.
    pub username: Username,
    /// The key that it would have.
    pub key: &'static str,
    /// Why.
    pub why: String,
}
