//! Which keystrokes an editor takes back together.

use crate::{
    Command,
    span::{Byte, Span},
};

/// Longest pause between two keystrokes of one step.
const PAUSE_MS: u64 = 1000;

/// One character typed or erased, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Keystroke {
    action: Action,
    now_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Action {
    Typed {
        character: char,
        /// What it replaced.
        over: Span<Byte>,
    },
    Erased(Span<Byte>),
}

impl Keystroke {
    /// The keystroke that `command` is in `text`, the text before it; nothing when it is more than one character or
    /// something else. Times are milliseconds since any fixed moment.
    pub(crate) fn of(command: &Command, text: &str, now_ms: u64) -> Option<Self> {
        let Command::ReplaceText { span, with } = command else {
            return None;
        };
        let action = if with.is_empty() {
            single(text.get(span.start..span.end)?)?;
            Action::Erased(*span)
        } else {
            Action::Typed {
                character: single(with)?,
                over: *span,
            }
        };
        Some(Self { action, now_ms })
    }

    /// Whether it belongs to the same step as `previous`, the keystroke right before it: typed right behind it, or
    /// erased right beside it, without a pause. A line break begins a step, and so does a word after white space.
    pub(crate) fn continues(&self, previous: &Self) -> bool {
        if self.now_ms.saturating_sub(previous.now_ms) > PAUSE_MS {
            return false;
        }
        match (previous.action, self.action) {
            (
                Action::Typed {
                    character: last,
                    over: last_over,
                },
                Action::Typed { character, over },
            ) => {
                let behind = over == Span::new(over.start, over.start)
                    && over.start == last_over.start + last.len_utf8();
                let begins_word = last.is_whitespace() && !character.is_whitespace();
                behind && !begins_word && !matches!(character, '\n' | '\r')
            }
            (Action::Erased(last), Action::Erased(this)) => {
                this.end == last.start || this.start == last.start
            }
            _ => false,
        }
    }
}

/// The only character of `text`.
fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}
