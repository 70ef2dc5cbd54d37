//! CSV of ingest jobs: cells between commas, in quotes where they have to be. A job has many cells,
//! nearly all plain, which a reader of every dialect takes three times as long for.
//!
//! Source: RFC 4180; Bulk API 2.0 and Bulk API Developer Guide, "Prepare CSV Files".

use std::borrow::Cow;

use super::Error;

/// Adds a line.
pub(super) fn write<'a>(out: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    let begin = out.len();
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        // Without an early end, so that many bytes are looked at at once.
        let special = |byte| matches!(byte, b'"' | b',' | b'\n' | b'\r');
        if cell.bytes().fold(false, |any, byte| any | special(byte)) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    if out.len() == begin {
        // A line without anything is no line.
        out.push_str("\"\"");
    }
    out.push('\n');
}

/// The lines of a text. All have as many cells as the first.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where the next line begins.
    at: usize,
    columns: Option<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a [u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(text).map_err(|error| bad(&error.to_string()))?;
        Ok(Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0, columns: None })
    }

    /// Reads the next line; false, if there is none.
    pub(super) fn next(&mut self, cells: &mut Vec<Cow<'a, str>>) -> Result<bool, Error> {
        cells.clear();
        while let Some(b'\r' | b'\n') = self.byte(self.at) {
            self.at += 1;
        }
        if self.at >= self.text.len() {
            return Ok(false);
        }
        loop {
            cells.push(self.cell()?);
            match self.byte(self.at) {
                Some(b',') => self.at += 1,
                Some(b'\r' | b'\n') | None => break,
                Some(_) => return Err(bad("a quoted cell goes on behind its quotes")),
            }
        }
        if *self.columns.get_or_insert(cells.len()) == cells.len() {
            Ok(true)
        } else {
            Err(bad("a line has another number of cells than the first"))
        }
    }

    /// Reads a cell, up to what ends it.
    fn cell(&mut self) -> Result<Cow<'a, str>, Error> {
        if self.byte(self.at) != Some(b'"') {
            return Ok(Cow::Borrowed(self.until(|byte| matches!(byte, b',' | b'\n' | b'\r'))));
        }
        let mut cell = Cow::Borrowed("");
        loop {
            self.at += 1;
            cell += self.until(|byte| byte == b'"');
            if self.at >= self.text.len() {
                return Err(bad("a quote is not closed"));
            }
            self.at += 1;
            if self.byte(self.at) != Some(b'"') {
                return Ok(cell);
            }
            cell.to_mut().push('"');
        }
    }

    /// What is before the next such byte, which is one by itself in any text.
    fn until(&mut self, is_end: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.bytes().position(is_end).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }
}

fn bad(what: &str) -> Error {
    Error::Unreadable(what.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> Result<Vec<Vec<String>>, Error> {
        let (mut lines, mut cells) = (Lines::of(text.as_bytes())?, Vec::new());
        let mut all = Vec::new();
        while lines.next(&mut cells)? {
            all.push(cells.iter().map(ToString::to_string).collect());
        }
        Ok(all)
    }

    #[test]
    fn lines_are_read_in_both_endings_with_and_without_quotes() {
        let text = "\u{feff}\"Id\",Name\r\n\"1\",\"a \"\"b\"\",\nc\"\n\n2,";
        let read = lines(text).unwrap();
        assert_eq!(read, [["Id", "Name"], ["1", "a \"b\",\nc"], ["2", ""]]);
    }

    #[test]
    fn what_is_cut_or_crooked_is_no_line() {
        for text in ["a,b\n1", "a,b\n1,\"2", "a\n\"1\"2", "a\n1,2"] {
            assert!(lines(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rows in prop::collection::vec(prop::collection::vec(any::<String>(), 3), 0..5)
        ) {
            let mut text = String::new();
            for row in &rows {
                write(&mut text, row.iter().map(String::as_str));
            }
            // What is at the beginning of a text and looks like its mark is taken for it.
            prop_assume!(!text.starts_with('\u{feff}'));
            prop_assert_eq!(lines(&text).unwrap(), rows);
        }
    }
}
