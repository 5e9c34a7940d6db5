use decile_core::Symbol;
use std::fmt;

/// What became of what a note is about.
///
/// ```
/// use decile_data::NoteKind;
///
/// assert!(NoteKind::LeftOut > NoteKind::Dropped && NoteKind::Dropped > NoteKind::Noted);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// Something to know.
    Noted,
    /// A row or a value that is missing now.
    Dropped,
    /// The whole stock is missing now.
    LeftOut,
}

/// What was found about a stock while the market was put together.
///
/// ```
/// use decile_data::{Note, NoteKind};
///
/// let text = "2 of 12 filing dates are imputed".to_owned();
/// let note = Note { symbol: "KO".parse()?, kind: NoteKind::Noted, text };
/// assert_eq!(note.to_string(), "KO: 2 of 12 filing dates are imputed");
/// # Ok::<(), decile_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The stock.
    pub symbol: Symbol,
    /// What became of what it is about.
    pub kind: NoteKind,
    /// The finding, a sentence.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.symbol, self.text)
    }
}

/// The notes of all stocks.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

impl Notes {
    /// Takes notes of one stock.
    pub(super) fn of<'a>(&'a mut self, symbol: &'a Symbol) -> StockNotes<'a> {
        StockNotes { list: &mut self.0, symbol }
    }

    pub(super) fn into_list(self) -> Vec<Note> {
        self.0
    }
}

/// The notes of one stock.
#[derive(Debug)]
pub(super) struct StockNotes<'a> {
    list: &'a mut Vec<Note>,
    symbol: &'a Symbol,
}

impl StockNotes<'_> {
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.push(NoteKind::Noted, text.into());
    }

    pub(super) fn drop(&mut self, text: impl Into<String>) {
        self.push(NoteKind::Dropped, text.into());
    }

    pub(super) fn leave_out(&mut self, text: impl Into<String>) {
        self.push(NoteKind::LeftOut, text.into());
    }

    fn push(&mut self, kind: NoteKind, text: String) {
        self.list.push(Note { symbol: self.symbol.clone(), kind, text });
    }
}
