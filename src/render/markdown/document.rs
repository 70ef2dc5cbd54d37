//! Blocks of text of which lists may be cut so that the whole fits a limit.

use std::fmt::Write as _;

/// How many bytes a list keeps for itself when there is not enough for all.
const OWN: usize = 1_500;

/// How dear a list is: the dearest are cut last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// What stands in the way, and who loses access.
    First,
    /// Everybody else.
    Second,
    /// Fields, one by one.
    Last,
}

/// A part of the document.
#[derive(Clone, Debug)]
enum Block {
    Text(String),
    List(List),
}

/// Something of which one part looks like the next.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) worth: Worth,
    /// What stands before the items and is never cut.
    pub(super) title: String,
    /// What opens the list; left out with the last item.
    pub(super) open: String,
    pub(super) items: Vec<String>,
    /// How the gap is told inside the list: around the number.
    pub(super) gap: (&'static str, &'static str),
    /// What closes the list; left out with the last item.
    pub(super) close: String,
}

impl List {
    fn size(&self) -> usize {
        let items: usize = self.items.iter().map(String::len).sum();
        items + self.open.len() + self.close.len()
    }

    /// Keeps what fits into so many bytes, from both ends, and says what is missing in between.
    fn cut(&mut self, space: usize) {
        const NUMBER: usize = 20;
        let gap = self.gap.0.len() + self.gap.1.len() + NUMBER;
        let mut left = space.saturating_sub(self.open.len() + self.close.len() + gap);
        let (mut front, mut back) = (0, 0);
        // Two from the front for each one from the end.
        while front + back < self.items.len() {
            let from_back = back * 2 < front;
            let at = if from_back { self.items.len() - 1 - back } else { front };
            let size = self.items.get(at).map_or(0, String::len);
            if size > left {
                break;
            }
            left -= size;
            if from_back { back += 1 } else { front += 1 }
        }
        let missing = self.items.len() - front - back;
        if front + back == 0 {
            self.open.clear();
            self.close.clear();
            self.items.clear();
            // A list without a title repeats what other lists say.
            if !self.title.is_empty() {
                // Writing to a string cannot fail.
                let _ = write!(self.title, "\n_{missing} not shown here._\n");
            }
            return;
        }
        let note = format!("{}{missing}{}", self.gap.0, self.gap.1);
        self.items.splice(front..self.items.len() - back, [note]);
    }
}

/// A document under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    blocks: Vec<Block>,
}

impl Document {
    /// Adds text that is never cut.
    pub(super) fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    /// Adds a list, unless it is empty.
    pub(super) fn list(&mut self, list: List) {
        if !list.items.is_empty() {
            self.blocks.push(Block::List(list));
        }
    }

    /// The size of everything that is never cut.
    fn fixed(&self) -> usize {
        let size = |block: &Block| match block {
            Block::Text(text) => text.len(),
            // A list that is cut to nothing says so.
            Block::List(list) => list.title.len() + 48,
        };
        self.blocks.iter().map(size).sum()
    }

    fn size(&self) -> usize {
        let size = |block: &Block| match block {
            Block::Text(text) => text.len(),
            Block::List(list) => list.title.len() + list.size(),
        };
        self.blocks.iter().map(size).sum()
    }

    fn lists(&mut self) -> impl Iterator<Item = &mut List> {
        self.blocks.iter_mut().filter_map(|block| match block {
            Block::Text(_) => None,
            Block::List(list) => Some(list),
        })
    }

    /// Cuts lists, the cheapest first, until the whole fits. Says whether anything was cut.
    pub(super) fn fit(&mut self, limit: usize) -> bool {
        if self.size() <= limit {
            return false;
        }
        let mut left = limit.saturating_sub(self.fixed());
        // No list takes everything: each that comes later keeps the space for a few of its own.
        let own = |list: &List| if list.worth == Worth::Last { 0 } else { list.size().min(OWN) };
        let mut kept: usize = self.lists().map(|list| own(list)).sum();
        if kept > left / 2 {
            kept = 0;
        }
        for worth in [Worth::First, Worth::Second, Worth::Last] {
            for list in self.lists().filter(|list| list.worth == worth) {
                kept = kept.saturating_sub(own(list));
                let space = left.saturating_sub(kept);
                if list.size() > space {
                    list.cut(space);
                }
                left = left.saturating_sub(list.size());
            }
        }
        true
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        let mut text = String::with_capacity(self.size());
        for block in self.blocks {
            match block {
                Block::Text(block) => text.push_str(&block),
                Block::List(list) => {
                    text.push_str(&list.title);
                    text.push_str(&list.open);
                    for item in &list.items {
                        text.push_str(item);
                    }
                    text.push_str(&list.close);
                }
            }
        }
        text
    }
}
