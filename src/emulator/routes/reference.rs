//! `@{name.path}` in composite requests: values of earlier answers.
//! Source: REST API Developer Guide, "Composite": letters count, and the path follows the body of
//! the answer it refers to.

use std::collections::HashMap;

use serde_json::Value as Json;

/// The bodies of the answers so far.
pub(super) type Answers = HashMap<String, Json>;

/// Puts values in place of references; the message, if one leads nowhere.
pub(super) fn fill(json: &Json, answers: &Answers) -> Result<Json, String> {
    Ok(match json {
        Json::String(text) => Json::from(fill_text(text, answers)?),
        Json::Array(list) => {
            Json::from(list.iter().map(|one| fill(one, answers)).collect::<Result<Vec<_>, _>>()?)
        }
        Json::Object(map) => {
            let pairs = map.iter().map(|(key, one)| Ok((key.clone(), fill(one, answers)?)));
            Json::Object(pairs.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

/// Puts values in place of references in a text.
pub(super) fn fill_text(text: &str, answers: &Answers) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((path, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&look_up(path, answers)?);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn look_up(path: &str, answers: &Answers) -> Result<String, String> {
    let (name, rest) = path.split_once(['.', '[']).unwrap_or((path, ""));
    let lost = || {
        format!(
            "Invalid reference specified. No value for {path} found in {name}. Provided referenceId ('{path}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_')."
        )
    };
    let mut here = answers.get(name).ok_or_else(lost)?;
    for step in rest.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
        here = match here {
            Json::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
            other => other.get(step),
        }
        .ok_or_else(lost)?;
    }
    match here {
        Json::String(text) => Ok(text.clone()),
        Json::Null | Json::Array(_) | Json::Object(_) => Err(lost()),
        other => Ok(other.to_string()),
    }
}
