//! Findings in the files: the line itself, what is wrong in it, and the mend.

use std::fmt::{self, Write};
use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle,
};

use crate::config::{SourceFile, SourceMap};
use crate::model::{Diagnostic, Place, Severity};

use super::escape;

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
        writeln!(out, "{}\n", renderer.render(&report(found, sources)))?;
    }
    Ok(())
}

fn report<'a>(found: &'a Diagnostic, sources: &'a SourceMap) -> Vec<Group<'a>> {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(escape::terminal(&found.message)).id(found.code.as_str());
    let mut group = Group::with_title(title);
    let primary = found.place.as_ref().and_then(|place| {
        let snippet = snippet(place, sources)?;
        Some(snippet.annotation(AnnotationKind::Primary.span(span(place, sources))))
    });
    group = match (primary, &found.place) {
        (Some(mut snippet), Some(place)) => {
            let here = found.labels.iter().filter(|label| label.place.file == place.file);
            for label in here {
                let note = AnnotationKind::Context.span(span(&label.place, sources));
                snippet = snippet.annotation(note.label(escape::terminal(&label.text)));
            }
            group.element(snippet)
        }
        (None, Some(place)) => {
            let origin = Origin::path(escape::terminal(&place.file)).line(place.line as usize);
            group.element(origin.char_column(place.column as usize))
        }
        _ => group,
    };
    let elsewhere = |label: &&crate::model::Label| {
        found.place.as_ref().is_none_or(|place| place.file != label.place.file)
    };
    for label in found.labels.iter().filter(elsewhere) {
        if let Some(snippet) = snippet(&label.place, sources) {
            let note = AnnotationKind::Context.span(span(&label.place, sources));
            group = group.element(snippet.annotation(note.label(escape::terminal(&label.text))));
        }
    }
    if let Some(help) = &found.help {
        group = group.element(Level::HELP.message(escape::terminal(help)));
    }
    vec![group]
}

fn snippet<'a, T: Clone>(place: &'a Place, sources: &'a SourceMap) -> Option<Snippet<'a, T>> {
    let file = sources.get(&place.file)?;
    Some(Snippet::source(escape::line(file.shown())).path(escape::terminal(&place.file)))
}

/// The span, not longer than its first line: a list may go on for pages.
fn span(place: &Place, sources: &SourceMap) -> Range<usize> {
    let text = sources.get(&place.file).map(SourceFile::shown).unwrap_or_default();
    let start = (place.start as usize).min(text.len());
    let end = (place.end as usize).clamp(start, text.len());
    let first_line = text.get(start..end).and_then(|text| text.find('\n'));
    start..first_line.map_or(end, |length| start + length)
}
