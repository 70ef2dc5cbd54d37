//! Values of flags: from the text that was typed, or what was expected instead.

use std::time::Duration;

use clap::ValueEnum;

use crate::model::{ApiName, Limit, OrgId, Rule};
use crate::plan::{Action, Reason, Selection};
use crate::render::markdown::LEAST_LIMIT;

use super::{Format, ReportFile};

pub(super) fn pattern(text: &str) -> Result<String, String> {
    if Selection::is_pattern(text) {
        Ok(text.to_owned())
    } else {
        Err("it is not a pattern: `*` stands for anything, `?` for one character, `[ab]` for one of several".to_owned())
    }
}

pub(super) fn action(text: &str) -> Result<Action, String> {
    let actions = || Action::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
    Action::from_text(text).ok_or_else(|| format!("the actions are {}", actions()))
}

pub(super) fn reason(text: &str) -> Result<Reason, String> {
    let reasons = || Reason::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
    Reason::from_text(text).ok_or_else(|| format!("the reasons are {}", reasons()))
}

pub(super) fn allow(text: &str) -> Result<(Rule, u64), String> {
    let rules = || Rule::ALL.iter().map(|rule| rule.as_str()).collect::<Vec<_>>().join(", ");
    let (rule, count) = text
        .split_once('=')
        .ok_or_else(|| "expected RULE=COUNT, such as `deactivations=42`".to_owned())?;
    let rule = Rule::from_text(rule)
        .ok_or_else(|| format!("`{rule}` is not a rule; the rules are {}", rules()))?;
    let count = count.parse().map_err(|_| format!("`{count}` is not a number"))?;
    Ok((rule, count))
}

pub(super) fn percent(text: &str) -> Result<u8, String> {
    Limit::percent(text).ok_or_else(|| "expected a percentage, `0%` to `100%`".to_owned())
}

pub(super) fn report(text: &str) -> Result<ReportFile, String> {
    let (format, path) = text
        .split_once('=')
        .ok_or_else(|| "expected FORMAT=FILE, such as `json=report.json`".to_owned())?;
    let format =
        Format::from_str(format, true).ok().filter(|format| *format != Format::Csv).ok_or_else(
            || format!("`{format}` is not a format; the formats are {}", Format::names()),
        )?;
    if path.is_empty() {
        return Err("the file's name is missing".to_owned());
    }
    Ok(ReportFile { format, path: path.into() })
}

pub(super) fn markdown_limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes) if bytes >= LEAST_LIMIT => Ok(bytes),
        _ => Err(format!("expected a number of bytes, at least {LEAST_LIMIT}")),
    }
}

/// With or without the name of the algorithm.
pub(super) fn digest(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(format!("sha256:{}", digits.to_ascii_lowercase()))
    } else {
        Err("expected `sha256:` and 64 hexadecimal digits".to_owned())
    }
}

/// A number of days, with or without a `d`.
pub(super) fn days(text: &str) -> Result<u16, String> {
    text.strip_suffix('d')
        .unwrap_or(text)
        .parse()
        .map_err(|_| format!("expected a number of days up to {}, such as `7` or `7d`", u16::MAX))
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..) => Ok(Duration::from_secs(seconds)),
        _ => Err("expected a whole number of seconds, at least 1".to_owned()),
    }
}

pub(super) fn api_name(text: &str) -> Result<ApiName, String> {
    ApiName::parse(text).map_err(|error| error.to_string())
}

pub(super) fn org_id(text: &str) -> Result<OrgId, String> {
    OrgId::parse(text).map_err(|error| error.to_string())
}
