//! The CSV that jobs are made of.

use serde_json::{Map, Value as Json};

use super::ApiError;

const DELIMITERS: [(&str, char); 6] = [
    ("COMMA", ','),
    ("SEMICOLON", ';'),
    ("TAB", '\t'),
    ("PIPE", '|'),
    ("CARET", '^'),
    ("BACKQUOTE", '`'),
];

/// The cells of a line.
pub(super) type Line = csv::StringRecord;

/// How columns and lines are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) delimiter: char,
    pub(super) crlf: bool,
}

impl Layout {
    /// What the request for a job says.
    pub(super) fn read(body: &Map<String, Json>) -> Result<Self, ApiError> {
        let text = |key: &str| body.get(key).and_then(Json::as_str);
        if text("contentType").is_some_and(|kind| kind != "CSV") {
            return Err(ApiError::new(400, "INVALIDJOB", "Only CSV content type is supported"));
        }
        let name = text("columnDelimiter").unwrap_or("COMMA");
        let delimiter = DELIMITERS.iter().find(|(one, _)| *one == name).map(|(_, c)| *c);
        let crlf = match text("lineEnding").unwrap_or("LF") {
            "LF" => Some(false),
            "CRLF" => Some(true),
            _ => None,
        };
        match (delimiter, crlf) {
            (Some(delimiter), Some(crlf)) => Ok(Self { delimiter, crlf }),
            _ => {
                let message =
                    "columnDelimiter or lineEnding is not one of the values they may have";
                Err(ApiError::new(400, "INVALIDJOB", message))
            }
        }
    }

    pub(super) fn delimiter_name(self) -> &'static str {
        DELIMITERS.iter().find(|(_, c)| *c == self.delimiter).map_or("COMMA", |(name, _)| name)
    }

    pub(super) const fn ending_name(self) -> &'static str {
        if self.crlf { "CRLF" } else { "LF" }
    }

    pub(super) const fn ending(self) -> &'static str {
        if self.crlf { "\r\n" } else { "\n" }
    }

    /// A line with every value quoted.
    pub(super) fn line<'a>(self, out: &mut String, values: impl Iterator<Item = &'a str>) {
        for (at, value) in values.enumerate() {
            if at > 0 {
                out.push(self.delimiter);
            }
            out.push('"');
            if value.contains('"') {
                out.push_str(&value.replace('"', "\"\""));
            } else {
                out.push_str(value);
            }
            out.push('"');
        }
        out.push_str(self.ending());
    }

    /// The header and the rows of an upload.
    pub(super) fn parse(self, text: &[u8]) -> Result<(Vec<String>, Vec<Line>), String> {
        let delimiter = u8::try_from(self.delimiter).unwrap_or(b',');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text);
        let header = reader.headers().map_err(|error| error.to_string())?;
        let header: Vec<String> = header.iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let row = record.map_err(|error| error.to_string())?;
            if row.len() != header.len() {
                let message = "The number of columns of a row does not match that of the header";
                return Err(message.to_owned());
            }
            rows.push(row);
        }
        Ok((header, rows))
    }
}
