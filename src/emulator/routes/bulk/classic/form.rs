//! The two languages of Bulk API 1.0: XML, and JSON for those who say so.

use serde_json::{Map, Value as Json};

use super::{Answer, Call, Refused};

const NAMESPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Xml,
    Json,
}

impl Form {
    /// The language of a request, which is that of its answer.
    pub(super) fn of(call: &Call) -> Self {
        let json = |name| call.header(name).is_some_and(|kind| kind.contains("application/json"));
        if json("content-type") || json("accept") { Self::Json } else { Self::Xml }
    }

    /// The keys and values of a request about a job.
    pub(super) fn read(self, call: &Call) -> Result<Map<String, Json>, Refused> {
        let fault = |message: String| Refused("InvalidJob", message);
        match self {
            Self::Json => call.object().map_err(|error| fault(error.message)),
            Self::Xml => {
                let text = String::from_utf8_lossy(&call.body);
                let tree =
                    roxmltree::Document::parse(&text).map_err(|error| fault(error.to_string()))?;
                let elements = tree.root_element().children().filter(roxmltree::Node::is_element);
                let entry = |element: roxmltree::Node<'_, '_>| {
                    let value = element.text().unwrap_or_default().trim();
                    (element.tag_name().name().to_owned(), Json::from(value))
                };
                Ok(elements.map(entry).collect())
            }
        }
    }

    /// An answer: an object as a document, a list of them as a document of documents.
    pub(super) fn document(self, status: u16, root: &str, body: &Json) -> Answer {
        match self {
            Self::Json => Answer::json(status, body).kind("application/json"),
            Self::Xml => {
                let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned();
                text.push('<');
                text.push_str(root);
                text.push_str(" xmlns=\"");
                text.push_str(NAMESPACE);
                text.push_str("\">");
                inside(&mut text, body);
                text.push_str("</");
                text.push_str(root);
                text.push('>');
                Answer::text(status, text).kind("application/xml")
            }
        }
    }
}

/// The elements of an object. Null is left out, a list is its elements one after the other.
fn inside(out: &mut String, body: &Json) {
    for (name, value) in body.as_object().into_iter().flatten() {
        match value {
            Json::Null => {}
            Json::Array(list) => list.iter().for_each(|one| element(out, name, one)),
            one => element(out, name, one),
        }
    }
}

fn element(out: &mut String, name: &str, value: &Json) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    match value {
        Json::Object(_) => inside(out, value),
        Json::String(text) => escaped(out, text),
        other => out.push_str(&other.to_string()),
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // What XML cannot say.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
