//! The lines of an annotation file.

/// What is wrong with a line of annotations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BratProblem {
    /// A line that begins with no identifier of brat.
    #[error("{id:?} is no identifier of brat: T, R, E, A, M, N or # with a number, or *")]
    Identifier {
        /// What the line begins with.
        id: String,
    },
    /// A text that goes on over the end of its line.
    #[error(
        "the text of {id} goes on over the end of its line, torn by a line break: brat writes a space there"
    )]
    Torn {
        /// Its identifier.
        id: String,
    },
    /// A line in which spaces stand for tabs, perhaps.
    #[error("{id} has no tab behind it, by which brat parts identifier, annotation and text")]
    NoTab {
        /// Its identifier.
        id: String,
    },
    /// A text-bound annotation of another form.
    #[error("{id} is not of the form `{id}<tab>TYPE START END<tab>TEXT`")]
    Entity {
        /// Its identifier.
        id: String,
    },
    /// A relation of another form.
    #[error("{id} is not of the form `{id}<tab>TYPE ARGUMENT:ID ARGUMENT:ID`")]
    Relation {
        /// Its identifier.
        id: String,
    },
    /// An attribute of another form.
    #[error("{id} is not of the form `{id}<tab>NAME ID [VALUE]`")]
    Attribute {
        /// Its identifier.
        id: String,
    },
    /// A normalisation of another form.
    #[error("{id} is not of the form `{id}<tab>Reference ID RESOURCE:ENTRY<tab>TEXT`")]
    Normalisation {
        /// Its identifier.
        id: String,
    },
    /// A note of another form.
    #[error("{id} is not of the form `{id}<tab>TYPE ID<tab>NOTE`")]
    Note {
        /// Its identifier.
        id: String,
    },
    /// An identifier for the second time.
    #[error("{id} stands on line {first} already")]
    Repeated {
        /// The identifier.
        id: String,
        /// Where it stands first.
        first: usize,
    },
    /// An annotation that is not there.
    #[error("{id} names {argument}, which is not there")]
    Unknown {
        /// Identifier of what names it.
        id: String,
        /// The annotation.
        argument: String,
    },
}

/// A line without its identifier.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    Mention {
        kind: String,
        pieces: Vec<(usize, usize)>,
        said: Option<String>,
    },
    Relation {
        kind: String,
        arguments: [String; 2],
    },
    Attribute {
        name: String,
        target: String,
        value: Option<String>,
    },
    Normalisation {
        target: String,
        resource: String,
        entry: String,
        text: String,
    },
    Note {
        kind: String,
        target: String,
        text: String,
    },
    Event,
    Equivalence,
}

/// Whether a line begins with an identifier of brat.
pub(super) fn has_identifier(line: &str) -> bool {
    let id = line.split(['\t', ' ']).next().unwrap_or_default();
    let mut characters = id.chars();
    let letter = characters.next();
    let numbered = characters
        .as_str()
        .starts_with(|c: char| c.is_ascii_digit());
    match letter {
        Some('T' | 'R' | 'E' | 'A' | 'M' | 'N') => numbered,
        Some('#') => true,
        Some('*') => id == "*",
        _ => false,
    }
}

/// The identifier of a line and what stands there.
pub(super) fn parse(line: &str) -> Result<(&str, Line), BratProblem> {
    let Some((id, rest)) = line.split_once('\t') else {
        let id = line.split(' ').next().unwrap_or(line).to_owned();
        return Err(match has_identifier(line) {
            true if line.contains(' ') => BratProblem::NoTab { id },
            // A comment of one word has nothing to say.
            true if line.starts_with('#') => {
                return Ok((
                    line,
                    Line::Note {
                        kind: String::new(),
                        target: String::new(),
                        text: String::new(),
                    },
                ));
            }
            _ => BratProblem::Identifier { id },
        });
    };
    if !has_identifier(line) {
        return Err(BratProblem::Identifier { id: id.to_owned() });
    }
    let parsed = match id.as_bytes()[0] {
        b'T' => mention(rest).ok_or_else(|| BratProblem::Entity { id: id.to_owned() }),
        b'R' => relation(rest).ok_or_else(|| BratProblem::Relation { id: id.to_owned() }),
        b'A' | b'M' => attribute(rest).ok_or_else(|| BratProblem::Attribute { id: id.to_owned() }),
        b'N' => normalisation(rest).ok_or_else(|| BratProblem::Normalisation { id: id.to_owned() }),
        b'#' => note(rest).ok_or_else(|| BratProblem::Note { id: id.to_owned() }),
        b'E' => Ok(Line::Event),
        _ => Ok(Line::Equivalence),
    };
    Ok((id, parsed?))
}

fn mention(rest: &str) -> Option<Line> {
    let (head, said) = match rest.split_once('\t') {
        Some((head, said)) => (head, Some(said.to_owned())),
        None => (rest, None),
    };
    let (kind, offsets) = head.split_once(' ')?;
    let pieces = offsets.split(';').map(|piece| {
        let (start, end) = piece.trim().split_once(' ')?;
        Some((start.parse().ok()?, end.parse().ok()?))
    });
    let pieces = pieces.collect::<Option<Vec<_>>>()?;
    (!kind.is_empty()).then(|| Line::Mention {
        kind: kind.to_owned(),
        pieces,
        said,
    })
}

/// `Arg1:T1 Arg2:T2`, in the order of the numbers where brat's own names stand, else as they stand.
fn relation(rest: &str) -> Option<Line> {
    let mut words = rest.split_whitespace();
    let kind = words.next()?.to_owned();
    let mut argument = || words.next()?.split_once(':');
    let mut arguments = [argument()?, argument()?];
    if let [("Arg2", _), ("Arg1", _)] = arguments {
        arguments.reverse();
    }
    let arguments = arguments.map(|(_, id)| id.to_owned());
    words
        .next()
        .is_none()
        .then_some(Line::Relation { kind, arguments })
}

fn attribute(rest: &str) -> Option<Line> {
    let mut words = rest.trim_end().splitn(3, ' ');
    let name = words.next().filter(|name| !name.is_empty())?.to_owned();
    let target = words.next()?.to_owned();
    let value = words.next().map(str::to_owned);
    Some(Line::Attribute {
        name,
        target,
        value,
    })
}

fn normalisation(rest: &str) -> Option<Line> {
    let (head, text) = rest.split_once('\t').unwrap_or((rest, ""));
    let mut words = head.splitn(3, ' ');
    words.next()?;
    let target = words.next()?.to_owned();
    let (resource, entry) = words.next()?.split_once(':')?;
    Some(Line::Normalisation {
        target,
        resource: resource.to_owned(),
        entry: entry.to_owned(),
        text: text.to_owned(),
    })
}

fn note(rest: &str) -> Option<Line> {
    let (head, text) = rest.split_once('\t').unwrap_or((rest, ""));
    let (kind, target) = head.split_once(' ').unwrap_or((head, ""));
    Some(Line::Note {
        kind: kind.to_owned(),
        target: target.trim().to_owned(),
        text: text.to_owned(),
    })
}
