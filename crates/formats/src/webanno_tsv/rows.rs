//! Sentences and their rows, and the text that they make.

use std::collections::HashMap;

use spanarc_document::{OffsetMap, Span, Utf16};

use super::{escaping::unescape, header::Layer, problem::TsvProblem};
use crate::{
    Offsets,
    place::Place,
    read_error::{AnnotationProblem, LineProblem},
    reading::Reading,
};

/// The longest text, in UTF-16 units, that a file may leave out between its sentences.
const LONGEST_GAPS: usize = 1 << 20;

/// A token or a part of one.
pub(super) struct Row<'a> {
    /// Its number, as `1-2` or `1-2.1`.
    pub(super) number: &'a str,
    pub(super) begin: usize,
    pub(super) end: usize,
    word: &'a str,
    /// The cells of layers, in the order of the header.
    pub(super) cells: Vec<&'a str>,
    pub(super) line: usize,
}

impl Row<'_> {
    /// Whether it is a part of a token.
    pub(super) fn is_part(&self) -> bool {
        self.number.contains('.')
    }
}

/// A sentence.
pub(super) struct Sentence<'a> {
    pub(super) id: Option<String>,
    pub(super) text: String,
    pub(super) rows: Vec<Row<'a>>,
    pub(super) line: usize,
}

/// The layers and sentences of a file.
pub(super) struct File<'a> {
    pub(super) layers: Vec<Layer>,
    pub(super) sentences: Vec<Sentence<'a>>,
}

/// A sentence in the making.
#[derive(Default)]
struct Open<'a> {
    id: Option<String>,
    lines: Vec<String>,
    rows: Vec<Row<'a>>,
    line: usize,
}

impl<'a> File<'a> {
    /// The file of a text; nothing where it is in another format or all that it holds is refused.
    pub(super) fn parse(
        text: &'a str,
        place: impl Fn(usize) -> Place,
        reading: &mut Reading,
    ) -> Option<Self> {
        let mut lines = (text.lines().enumerate()).map(|(index, line)| (index + 1, line));
        let first = lines.next().unwrap_or_default().1;
        if !first.starts_with("#FORMAT=WebAnno TSV 3.") {
            let found = first.to_owned();
            reading.refuse(&place(1), TsvProblem::Format { found });
            return None;
        }
        let mut file = Self {
            layers: Vec::new(),
            sentences: Vec::new(),
        };
        let mut columns = 0;
        let mut open = Open::default();
        // Lines of rows by their numbers.
        let mut seen = HashMap::new();
        let refused = reading.refused.len();
        for (number, line) in lines {
            let mut problem = None;
            if line.is_empty() {
                problem = file.close(&mut open);
            } else if let Some(id) = line.strip_prefix("#Sentence.id=") {
                if !open.rows.is_empty() {
                    problem = file.close(&mut open);
                }
                open.id = Some(unescape(id));
            } else if let Some(text) = line.strip_prefix("#Text=") {
                if !open.rows.is_empty() {
                    problem = file.close(&mut open);
                }
                if open.lines.is_empty() {
                    open.line = number;
                }
                open.lines.push(unescape(text));
            } else if line.starts_with('#') {
                match Layer::parse(line, columns, number) {
                    // A layer in the middle of a file would change what its columns mean.
                    Some(Ok(layer)) if file.sentences.is_empty() && open.lines.is_empty() => {
                        columns += layer.columns.len();
                        file.layers.push(layer);
                    }
                    Some(Err(fault)) => {
                        reading.refuse(&place(number), fault);
                        return None;
                    }
                    _ => {}
                }
            } else {
                match row(line, columns, number) {
                    Ok(_) if open.lines.is_empty() => problem = Some((number, TsvProblem::NoText)),
                    Ok(row) => match *seen.entry(row.number).or_insert(number) {
                        first if first == number => open.rows.push(row),
                        first => {
                            let repeated = row.number.to_owned();
                            let fault = TsvProblem::Repeated {
                                number: repeated,
                                first,
                            };
                            problem = Some((number, fault));
                        }
                    },
                    Err(fault) => problem = Some((number, fault)),
                }
            }
            if let Some((line, problem)) = problem {
                reading.refuse(&place(line), problem);
            }
        }
        if let Some((line, problem)) = file.close(&mut open) {
            reading.refuse(&place(line), problem);
        }
        let is_empty = file.sentences.is_empty() && reading.refused.len() > refused;
        (!is_empty).then_some(file)
    }

    /// Takes a sentence that ends; what is wrong where it cannot be one.
    fn close(&mut self, open: &mut Open<'a>) -> Option<(usize, TsvProblem)> {
        let open = std::mem::take(open);
        if open.rows.is_empty() {
            let is_blank = open.lines.iter().all(|line| line.trim().is_empty());
            return (!is_blank).then_some((open.line, TsvProblem::NoRows));
        }
        self.sentences.push(Sentence {
            id: open.id.filter(|id| !id.trim().is_empty()),
            text: open.lines.join("\n"),
            rows: open.rows,
            line: open.line,
        });
        None
    }

    /// The text of the sentences, if the offsets of their rows fit it when they count `unit`.
    pub(super) fn text(&self, unit: Offsets) -> Result<String, (usize, LineProblem)> {
        let mut text = String::new();
        let (mut end, mut gaps) = (0, 0);
        for sentence in &self.sentences {
            let start = sentence.rows.first().map_or(0, |row| row.begin);
            gaps = start.saturating_sub(end).saturating_add(gaps);
            if start < end || gaps > LONGEST_GAPS {
                let (begin, unit) = (start, unit.name());
                let problem = TsvProblem::Place { begin, end, unit };
                return Err((sentence.line, problem.into()));
            }
            for index in 0..start - end {
                let is_line_end = index == 0 && !text.is_empty();
                text.push(if is_line_end { '\n' } else { ' ' });
            }
            let map = OffsetMap::new(&sentence.text);
            let whole = unit.of_byte(&map, Span::new(0, sentence.text.len()));
            end = start.saturating_add(whole.map_or(0, |(_, length)| length));
            for row in &sentence.rows {
                check(row, sentence, &map, unit, (start, end))
                    .map_err(|problem| (row.line, problem))?;
            }
            text.push_str(&sentence.text);
        }
        Ok(text)
    }

    /// Makes offsets in code points such in UTF-16 units.
    pub(super) fn count_utf16(&mut self, text: &str) {
        let map = OffsetMap::new(text);
        for row in self
            .sentences
            .iter_mut()
            .flat_map(|sentence| &mut sentence.rows)
        {
            let span = Offsets::Char.to_byte(&map, row.begin, row.end);
            let span = span.ok().and_then(|span| map.to_utf16(span).ok());
            let Span::<Utf16> { start, end, .. } = span.unwrap_or(Span::new(0, 0));
            (row.begin, row.end) = (start, end);
        }
    }
}

/// Errors unless the row's word is the text at its offsets. White space is all alike, for tabs are written in several ways.
fn check(
    row: &Row<'_>,
    sentence: &Sentence<'_>,
    map: &OffsetMap,
    unit: Offsets,
    (start, stop): (usize, usize),
) -> Result<(), LineProblem> {
    let outside = || TsvProblem::Outside {
        row: row.number.to_owned(),
        begin: row.begin,
        end: row.end,
        start,
        stop,
        unit: unit.name(),
    };
    let begin = row.begin.checked_sub(start).ok_or_else(outside)?;
    let end = row.end.checked_sub(start).ok_or_else(outside)?;
    if row.end > stop || end < begin {
        return Err(outside().into());
    }
    let field = || format!("row {}", row.number);
    let span = unit.to_byte(map, begin, end).map_err(|error| {
        let field = field();
        AnnotationProblem::Offset { field, error }
    })?;
    let found = &sentence.text[span.start..span.end];
    let same = |word: &str| word == found || word.split_whitespace().eq(found.split_whitespace());
    if same(row.word) || same(&unescape(row.word)) {
        return Ok(());
    }
    let (said, found) = (row.word.to_owned(), found.to_owned());
    Err(AnnotationProblem::OtherText {
        field: field(),
        unit: unit.name(),
        said,
        found,
    }
    .into())
}

fn row(text: &str, columns: usize, line: usize) -> Result<Row<'_>, TsvProblem> {
    let cells: Vec<&str> = text.split('\t').collect();
    let [number, offsets, word, cells @ ..] = cells.as_slice() else {
        let (found, expected) = (cells.len(), columns + 3);
        return Err(TsvProblem::Columns { found, expected });
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = number.split_once('-').is_some_and(|(sentence, token)| {
        let (token, part) = token.split_once('.').unwrap_or((token, "1"));
        [sentence, token, part].into_iter().all(is_digits)
    });
    if !is_number {
        let found = (*number).to_owned();
        return Err(TsvProblem::Number { found });
    }
    let places = offsets.split_once('-');
    let places = places.and_then(|(begin, end)| Some((begin.parse().ok()?, end.parse().ok()?)));
    let (begin, end) = places.ok_or_else(|| TsvProblem::Offsets {
        found: (*offsets).to_owned(),
    })?;
    if cells.len() < columns {
        let (found, expected) = (cells.len() + 3, columns + 3);
        return Err(TsvProblem::Columns { found, expected });
    }
    Ok(Row {
        number,
        begin,
        end,
        word,
        cells: cells[..columns].to_vec(),
        line,
    })
}
