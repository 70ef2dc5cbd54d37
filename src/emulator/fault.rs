//! Trouble on demand: what goes wrong with which requests.

use serde_json::Value as Json;

use super::dice::Dice;
use super::error::DmlError;

/// Trouble that is waiting for its requests.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    /// A part of the target; empty for every request.
    pub(super) path: String,
    pub(super) method: Option<String>,
    /// How many of its requests pass first.
    pub(super) after: u64,
    /// How many it hits; absent, all.
    pub(super) times: Option<u64>,
    /// How likely it hits one, of 1.
    pub(super) chance: f64,
    pub(super) trouble: Trouble,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trouble {
    /// An answer with a status: in JSON with an error code, or as a page of HTML, or empty.
    Status { status: u16, code: Option<String>, text: String },
    /// The token endpoint refuses, with this error and description.
    Login { error: String, text: String },
    /// So many milliseconds pass first.
    Slow(u64),
    /// The connection is cut, and nothing was done.
    DropBefore,
    /// The connection is cut after everything was done.
    DropAfter,
    /// The answer ends in the middle.
    Truncate,
    /// All sessions end.
    Expire,
    /// The day's calls are used up.
    DailyLimit,
    /// Too many long requests run.
    ConcurrentLimit,
    /// Records are locked by somebody else, each with this chance.
    LockRows(f64),
    /// Groups are being recalculated.
    LockGroups(f64),
    /// Records are refused with this code and text, each with this chance.
    Refuse { code: String, text: String, share: f64 },
}

/// What `Do` can be.
pub(super) const KINDS: [&str; 13] = [
    "status",
    "html",
    "oauth",
    "slow",
    "drop-before",
    "drop-after",
    "truncate",
    "expire",
    "daily-limit",
    "concurrent-limit",
    "lock-rows",
    "lock-groups",
    "refuse",
];

/// Everything that goes wrong, and the dice.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    list: Vec<Fault>,
    dice: Dice,
}

impl Faults {
    pub(super) const fn new(list: Vec<Fault>, seed: u64) -> Self {
        Self { list, dice: Dice::new(seed) }
    }

    /// The same trouble with other dice.
    pub(super) fn with_seed(self, seed: u64) -> Self {
        Self::new(self.list, seed)
    }

    pub(super) fn add(&mut self, faults: Vec<Fault>) {
        self.list.extend(faults);
    }

    pub(super) fn clear(&mut self) {
        self.list.clear();
    }

    /// A number from 0 up to 1, the same ones in every run.
    pub(super) fn roll(&mut self) -> f64 {
        self.dice.roll()
    }

    /// What goes wrong with a request.
    pub(super) fn strike(&mut self, method: &str, target: &str) -> Vec<Trouble> {
        let mut struck = Vec::new();
        for at in 0..self.list.len() {
            let chance = self.roll();
            let Some(fault) = self.list.get_mut(at) else { continue };
            let meets = target.contains(&fault.path)
                && fault.method.as_deref().is_none_or(|one| one.eq_ignore_ascii_case(method));
            if !meets || fault.times == Some(0) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            if chance < fault.chance {
                fault.times = fault.times.map(|times| times - 1);
                struck.push(fault.trouble.clone());
            }
        }
        self.list.retain(|fault| fault.times != Some(0));
        struck
    }
}

impl Fault {
    /// Reads a fault from the keys of a seed or a control request; what is wrong with it.
    pub(super) fn read(json: &Json) -> Result<Self, String> {
        const KEYS: [&str; 11] = [
            "Path",
            "Method",
            "After",
            "Times",
            "Chance",
            "Do",
            "Status",
            "Code",
            "Text",
            "Milliseconds",
            "Records",
        ];
        let map = json.as_object().ok_or("a fault is a table")?;
        if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!("`{key}` is not a key of a fault"));
        }
        let text = |key: &str| map.get(key).and_then(Json::as_str);
        let number = |key: &str| map.get(key).and_then(Json::as_u64);
        let share = map.get("Records").and_then(Json::as_f64).unwrap_or(1.0);
        let what = text("Do").ok_or("a fault needs `Do`")?;
        let answer = |code: Option<&str>| Trouble::Status {
            status: number("Status").and_then(|n| u16::try_from(n).ok()).unwrap_or(503),
            code: code.map(str::to_owned),
            text: text("Text").unwrap_or("Server too busy").to_owned(),
        };
        let code = text("Code");
        let trouble = match what {
            "status" => answer(Some(code.unwrap_or("SERVER_UNAVAILABLE"))),
            "html" => answer(None),
            "oauth" => Trouble::Login {
                error: code.unwrap_or("invalid_grant").to_owned(),
                text: text("Text").unwrap_or("inactive organization").to_owned(),
            },
            "slow" => Trouble::Slow(number("Milliseconds").unwrap_or(1000)),
            "drop-before" => Trouble::DropBefore,
            "drop-after" => Trouble::DropAfter,
            "truncate" => Trouble::Truncate,
            "expire" => Trouble::Expire,
            "daily-limit" => Trouble::DailyLimit,
            "concurrent-limit" => Trouble::ConcurrentLimit,
            "lock-rows" => Trouble::LockRows(share),
            "lock-groups" => Trouble::LockGroups(share),
            "refuse" => Trouble::Refuse {
                code: code.unwrap_or("UNKNOWN_EXCEPTION").to_owned(),
                text: text("Text").unwrap_or("could not acquire lock").to_owned(),
                share,
            },
            other => return Err(format!("`{other}` is not something that can go wrong here")),
        };
        Ok(Self {
            path: text("Path").unwrap_or_default().to_owned(),
            method: text("Method").map(str::to_owned),
            after: number("After").unwrap_or(0),
            times: number("Times"),
            chance: map.get("Chance").and_then(Json::as_f64).unwrap_or(1.1),
            trouble,
        })
    }
}

impl Trouble {
    /// The refusal of a record, and how likely it is; for trouble with single records.
    pub(super) fn refusal(&self) -> Option<(DmlError, f64)> {
        match self {
            Self::LockRows(share) => {
                let text = "unable to obtain exclusive access to this record";
                Some((DmlError::new("UNABLE_TO_LOCK_ROW", text), *share))
            }
            Self::LockGroups(share) => {
                let text = "group membership operation already in progress";
                Some((DmlError::new("UNKNOWN_EXCEPTION", text), *share))
            }
            Self::Refuse { code, text, share } => Some((DmlError::coded(code, text), *share)),
            _ => None,
        }
    }
}
