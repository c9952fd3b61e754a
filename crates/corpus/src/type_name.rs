//! What a type can be called.

/// Most characters in a type's name: more is a mistake, and fits no table.
const LIMIT: usize = 200;

/// Why a name is none for a type. Follows "has".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeNameError {
    /// Nothing but white space.
    #[error("an empty name")]
    Empty,
    /// Longer than any that can be shown.
    #[error("a name of {characters} characters, more than {LIMIT}")]
    TooLong {
        /// Its characters.
        characters: usize,
    },
    /// A line break, say, or what a terminal takes for a command.
    #[error("a name with the control character {character:?}: {name:?}")]
    Control {
        /// The first one.
        character: char,
        /// The name.
        name: String,
    },
}

pub(crate) fn check(name: &str) -> Result<(), TypeNameError> {
    if name.trim().is_empty() {
        return Err(TypeNameError::Empty);
    }
    let characters = name.chars().count();
    if characters > LIMIT {
        return Err(TypeNameError::TooLong { characters });
    }
    match name.chars().find(|character| character.is_control()) {
        Some(character) => Err(TypeNameError::Control {
            character,
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}
