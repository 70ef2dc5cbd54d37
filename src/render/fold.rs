//! Lines that are not longer than a terminal is wide.

use std::borrow::Cow;

use console::measure_text_width;

/// A line in pieces of at most `width` columns. The first stands where it is, the others `hang`
/// columns to the right. It is broken at spaces alone: a long word stays one.
pub(super) fn fold(line: &str, width: usize, hang: usize) -> Cow<'_, str> {
    if measure_text_width(line) <= width {
        return line.into();
    }
    let margin = " ".repeat(hang);
    let mut folded = String::with_capacity(line.len() + hang);
    let (mut rest, mut used, mut begun) = (line, 0, false);
    while !rest.is_empty() {
        let gap = rest.len() - rest.trim_start_matches(' ').len();
        let (spaces, tail) = rest.split_at(gap);
        let (word, next) = tail.split_at(tail.find(' ').unwrap_or(tail.len()));
        rest = next;
        // Colours take no columns, and hold no spaces at which they could be broken.
        let columns = measure_text_width(word);
        if begun && columns > 0 && used + gap + columns > width {
            folded.push('\n');
            folded.push_str(&margin);
            used = hang;
        } else {
            folded.push_str(spaces);
            used += gap;
        }
        folded.push_str(word);
        used += columns;
        begun |= columns > 0;
    }
    folded.into()
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn lines_break_at_spaces_and_hang() {
        assert_eq!(fold("note: one two three", 12, 2), "note: one\n  two three");
        assert_eq!(fold("note: one two three", 19, 2), "note: one two three");
        assert_eq!(fold("    indented line here", 14, 4), "    indented\n    line here");
    }

    #[test]
    fn a_long_word_stays_whole_and_colours_take_no_room() {
        assert_eq!(fold("a verylongword b", 6, 2), "a\n  verylongword\n  b");
        let red = "\u{1b}[31mred\u{1b}[0m";
        assert_eq!(fold(&format!("{red} {red}"), 7, 2), format!("{red} {red}"));
        assert_eq!(fold(&format!("{red} {red}"), 6, 2), format!("{red}\n  {red}"));
    }
}
