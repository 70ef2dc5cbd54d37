//! How pieces are put into lines.

use super::WIDTH;
use super::piece::{Behind, Group, Piece, Value};

/// What a list or a table that takes several lines is set in by.
const INDENT: usize = 2;

/// Writes the pieces of a file.
pub(super) fn lay_out(pieces: Vec<Piece<'_>>) -> String {
    let mut page = Page::default();
    page.pieces(&set_apart(pieces), "");
    write(&page.lines)
}

/// Puts an empty line before every table, and before the comment right above it.
fn set_apart(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut apart: Vec<Piece<'_>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        if let Piece::Header { .. } = piece {
            let above = apart.iter().rev().take_while(|it| matches!(it, Piece::Comment(_))).count();
            let at = apart.len() - above;
            let before = at.checked_sub(1).and_then(|before| apart.get(before));
            if before.is_some_and(|before| !matches!(before, Piece::Empty)) {
                apart.insert(at, Piece::Empty);
            }
        }
        apart.push(piece);
    }
    apart
}

/// The lines of a file while they are written.
#[derive(Default)]
struct Page<'t> {
    lines: Vec<Line<'t>>,
    /// The line that has not ended.
    open: String,
    indent: usize,
}

/// A line; more than one, if it holds a text of several.
struct Line<'t> {
    indent: usize,
    text: String,
    is_header: bool,
    comment: Option<Behind<'t>>,
}

impl<'t> Page<'t> {
    /// Writes pieces, each in lines of its own, with something after each value.
    fn pieces(&mut self, pieces: &[Piece<'t>], after: &str) {
        let is_empty = |piece: &Piece<'_>| matches!(piece, Piece::Empty);
        for block in pieces.chunk_by(|a, b| !is_empty(a) && !is_empty(b)) {
            let longest = block.iter().filter_map(key_width).max().unwrap_or(0);
            for piece in block {
                self.piece(piece, longest, after);
            }
        }
    }

    fn piece(&mut self, piece: &Piece<'t>, longest: usize, after: &str) {
        match piece {
            Piece::Empty => self.end(None),
            Piece::Comment(text) => {
                self.open.push_str(text);
                self.end(None);
            }
            Piece::Header { text, comment } => {
                self.open.push_str(text);
                self.end(*comment);
                if let Some(line) = self.lines.last_mut() {
                    line.is_header = true;
                }
            }
            Piece::Entry { key, value, comment } => {
                if let Some(key) = key {
                    self.open.push_str(key);
                    let missing = longest.saturating_sub(width(key));
                    self.open.extend(std::iter::repeat_n(' ', missing));
                    self.open.push_str(" = ");
                }
                self.value(value, after.len());
                self.open.push_str(after);
                self.end(*comment);
            }
        }
    }

    /// Writes a value, with room for so much behind it.
    fn value(&mut self, value: &Value<'t>, room: usize) {
        let (group, brackets) = match value {
            Value::Scalar(text) => return self.open.push_str(text),
            Value::List(group) => (group, ("[", "]")),
            Value::Table(group) => (group, ("{", "}")),
        };
        let left = WIDTH.saturating_sub(self.indent + last_width(&self.open) + room);
        let flat = flat(value).filter(|flat| width(flat) <= left || group.pieces.is_empty());
        match (flat, value) {
            (Some(flat), _) => self.open.push_str(&flat),
            (None, Value::Table(table)) if !table.needs_lines() => self.in_one_line(table, room),
            _ => self.in_lines(group, brackets),
        }
    }

    fn in_lines(&mut self, group: &Group<'t>, (open, close): (&str, &str)) {
        self.open.push_str(open);
        self.end(group.comment);
        self.indent += INDENT;
        self.pieces(&group.pieces, ",");
        self.indent -= INDENT;
        self.open.push_str(close);
    }

    /// Writes an inline table that is too long, or has a value of several lines. Not every reader of
    /// TOML takes one that has line ends of its own.
    fn in_one_line(&mut self, table: &Group<'t>, room: usize) {
        let mut before = "{ ";
        for piece in &table.pieces {
            if let Piece::Entry { key: Some(key), value, .. } = piece {
                self.open.push_str(before);
                self.open.push_str(key);
                self.open.push_str(" = ");
                self.value(value, room + " }".len());
                before = ", ";
            }
        }
        self.open.push_str(" }");
    }

    fn end(&mut self, comment: Option<Behind<'t>>) {
        let text = std::mem::take(&mut self.open);
        self.lines.push(Line { indent: self.indent, text, is_header: false, comment });
    }
}

impl Group<'_> {
    /// Whether a table that does not fit into one line has several.
    fn needs_lines(&self) -> bool {
        self.has_lines || self.has_comments()
    }

    fn has_comments(&self) -> bool {
        self.comment.is_some()
            || self.pieces.iter().any(|piece| match piece {
                Piece::Comment(_) => true,
                Piece::Entry { comment, .. } | Piece::Header { comment, .. } => comment.is_some(),
                Piece::Empty => false,
            })
    }
}

/// A value in one line, if it can be.
fn flat(value: &Value<'_>) -> Option<String> {
    let group = match value {
        Value::Scalar(text) => return (!text.contains('\n')).then(|| text.to_string()),
        Value::List(group) | Value::Table(group) => group,
    };
    if group.has_comments() {
        return None;
    }
    let entry = |piece: &Piece<'_>| match piece {
        Piece::Entry { key: Some(key), value, .. } => Some(format!("{key} = {}", flat(value)?)),
        Piece::Entry { key: None, value, .. } => flat(value),
        Piece::Empty | Piece::Comment(_) | Piece::Header { .. } => None,
    };
    let entries = group.pieces.iter().filter(|piece| !matches!(piece, Piece::Empty)).map(entry);
    let inner = entries.collect::<Option<Vec<String>>>()?.join(", ");
    Some(match value {
        Value::Table(_) if inner.is_empty() => "{}".to_owned(),
        Value::Table(_) => format!("{{ {inner} }}"),
        Value::List(_) | Value::Scalar(_) => format!("[{inner}]"),
    })
}

fn key_width(piece: &Piece<'_>) -> Option<usize> {
    match piece {
        Piece::Entry { key, .. } => key.as_deref().map(width),
        Piece::Empty | Piece::Comment(_) | Piece::Header { .. } => None,
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// How wide the last line of a text is.
fn last_width(text: &str) -> usize {
    width(text.rsplit('\n').next().unwrap_or(text))
}

fn write(lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    let together = |a: &Line<'_>, b: &Line<'_>| {
        let plain = |line: &Line<'_>| line.comment.is_some() && !line.is_header;
        plain(a) && plain(b) && a.indent == b.indent
    };
    for lines in lines.chunk_by(together) {
        let column = column(lines);
        for line in lines {
            if !line.text.is_empty() {
                text.extend(std::iter::repeat_n(' ', line.indent));
                text.push_str(&line.text);
            }
            if let Some(comment) = line.comment {
                text.extend(std::iter::repeat_n(' ', column.saturating_sub(line.width())));
                text.push_str(comment.text);
            }
            text.push('\n');
        }
    }
    text
}

/// The column of the comments behind lines that follow each other: the one that somebody has put all
/// of them into, if the lines leave it free; otherwise the first that is free in all.
fn column(lines: &[Line<'_>]) -> usize {
    let free = lines.iter().map(|line| line.width() + 1).max().unwrap_or(0);
    let mut columns = lines.iter().map(|line| line.comment.and_then(|comment| comment.column));
    let first = columns.next().flatten();
    first
        .filter(|first| *first > free && columns.all(|column| column == Some(*first)))
        .unwrap_or(free)
}

impl Line<'_> {
    /// How wide its last line is.
    fn width(&self) -> usize {
        let text = last_width(&self.text);
        if self.text.contains('\n') { text } else { self.indent + text }
    }
}
