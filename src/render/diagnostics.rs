//! Findings in the files: the line itself, what is wrong in it, and the mend.

use std::fmt::{self, Write};
use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle,
};

use crate::config::{Excerpt, SourceMap};
use crate::model::{Diagnostic, Place, Severity};

use super::escape;
use super::fold::fold;

/// Writes findings one after the other, each followed by an empty line.
pub fn diagnostics(
    out: &mut dyn Write,
    list: &[Diagnostic],
    sources: &SourceMap,
    color: bool,
    width: usize,
) -> fmt::Result {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(width).decor_style(DecorStyle::Ascii);
    for found in list {
        writeln!(out, "{}\n", renderer.render(&report(found, sources, width)))?;
    }
    Ok(())
}

fn report<'a>(found: &'a Diagnostic, sources: &'a SourceMap, width: usize) -> Vec<Group<'a>> {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    // `warning[C1018]: ` and `   = help: ` stand before the text.
    let title = level.primary_title(wrapped(&found.message, width, 16)).id(found.code.as_str());
    let mut group = Group::with_title(title);
    if let Some(place) = &found.place {
        let together = together(found, place, sources);
        let excerpt = together.or_else(|| sources.excerpt(place, place));
        group = match excerpt {
            Some(excerpt) => {
                let mut snippet = snippet(excerpt, place);
                snippet = snippet.annotation(AnnotationKind::Primary.span(span(place, excerpt)));
                let here = found.labels.iter().filter(|label| label.place.file == place.file);
                for label in here.filter(|_| together.is_some()) {
                    let note = AnnotationKind::Context.span(span(&label.place, excerpt));
                    snippet = snippet.annotation(note.label(escape::terminal(&label.text)));
                }
                group.element(snippet)
            }
            None => {
                let origin = Origin::path(escape::terminal(&place.file)).line(place.line as usize);
                group.element(origin.char_column(place.column as usize))
            }
        };
        let elsewhere =
            found.labels.iter().filter(|it| together.is_none() || it.place.file != place.file);
        for label in elsewhere {
            if let Some(excerpt) = sources.excerpt(&label.place, &label.place) {
                let note = AnnotationKind::Context.span(span(&label.place, excerpt));
                let note = note.label(escape::terminal(&label.text));
                group = group.element(snippet(excerpt, &label.place).annotation(note));
            }
        }
    }
    if let Some(help) = &found.help {
        group = group.element(Level::HELP.message(wrapped(help, width, 16)));
    }
    vec![group]
}

/// A text in lines that fit beside `margin` columns; one word is not broken.
fn wrapped(text: &str, width: usize, margin: usize) -> String {
    fold(&escape::terminal(text), width.saturating_sub(margin).max(30), 0).into_owned()
}

/// Lines that hold the place and every label in the same file, where they can be had in one piece.
fn together<'a>(found: &Diagnostic, place: &Place, sources: &'a SourceMap) -> Option<Excerpt<'a>> {
    let here = found.labels.iter().map(|label| &label.place).filter(|it| it.file == place.file);
    let (mut first, mut last) = (place, place);
    for other in here {
        if other.line < first.line {
            first = other;
        }
        if other.line > last.line {
            last = other;
        }
    }
    sources.excerpt(first, last)
}

fn snippet<'a, T: Clone>(excerpt: Excerpt<'a>, place: &'a Place) -> Snippet<'a, T> {
    Snippet::source(escape::line(excerpt.text))
        .line_start(excerpt.line as usize)
        .path(escape::terminal(&place.file))
}

/// The span, not longer than its first line: a list may go on for pages.
fn span(place: &Place, excerpt: Excerpt<'_>) -> Range<usize> {
    let text = excerpt.text;
    let start = (place.start as usize).saturating_sub(excerpt.start).min(text.len());
    let end = (place.end as usize).saturating_sub(excerpt.start).clamp(start, text.len());
    let first_line = text.get(start..end).and_then(|text| text.find('\n'));
    start..first_line.map_or(end, |length| start + length)
}
