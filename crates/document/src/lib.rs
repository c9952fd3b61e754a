//! Annotated text that people edit while a model suggests: mentions, links, changes with exact inverses, undo.
//!
//! - A [`Document`] is a text with [`Mention`]s and [`Link`]s, which a person or a model made.
//! - A [`Change`] is what a document can take; it has an exact inverse. A [`Command`] is what a person does, and
//!   resolves into changes. An [`Answer`] is what a model says, and is merged without touching what a person decided.
//! - An [`Editor`] holds a document with undo and redo.
//!
//! Pure: no files, no browser, no tensors, no clock. Offsets are bytes; [`OffsetMap`] converts them at the border.
//!
//! ```
//! use spanarc_document::{
//!     Answer, AnsweredMention, Command, Document, Editor, Selections, Span, State,
//! };
//!
//! let mut editor = Editor::new(Document::new("Ada moved to York."));
//! let place = AnsweredMention { kind: "Loc".into(), span: Span::new(13, 17), score: 0.9 };
//! let answer = Answer {
//!     model: "news".into(),
//!     covers: Span::new(0, 18),
//!     mentions: vec![place],
//!     links: vec![],
//! };
//! editor.answer(&answer)?;
//! let york = editor.document().mentions()[0].id;
//!
//! let caret = |before, after| Selections {
//!     before: Span::new(before, before),
//!     after: Span::new(after, after),
//! };
//! editor.perform(&Command::Accept(york), caret(0, 0), 0)?;
//! let new = Command::ReplaceText { span: Span::new(13, 13), with: "New ".into() };
//! editor.perform(&new, caret(13, 17), 400)?;
//! let mention = editor.document().mention(york).ok_or("york is gone")?;
//! assert_eq!(mention.state, State::Accepted);
//! assert_eq!(mention.spans.extent(), Span::new(17, 21));
//!
//! let restored = editor.undo().ok_or("nothing to undo")?;
//! assert_eq!(restored.selection, Span::new(13, 13));
//! assert_eq!(&**editor.document().text(), "Ada moved to York.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod annotation;
pub mod answer;
pub mod attributes;
mod carrying;
pub mod change;
pub mod command;
pub mod document;
pub mod edit;
pub mod editor;
mod keystroke;
mod mentions;
mod merging;
mod offset_unit;
pub mod offsets;
mod replacing;
pub mod span;
pub mod spans;

pub use annotation::{Id, Link, Mention, Origin, State};
pub use answer::{Answer, AnsweredLink, AnsweredMention};
pub use attributes::Attributes;
pub use change::{Change, ChangeError};
pub use command::Command;
pub use document::Document;
pub use edit::Edit;
pub use editor::{Editor, Restored, Selections};
pub use offset_unit::Offsets;
pub use offsets::{OffsetError, OffsetMap, TextUnit, utf16_len};
pub use span::{Byte, Char, Span, Token, Unit, Utf16};
pub use spans::{Spans, SpansError};
