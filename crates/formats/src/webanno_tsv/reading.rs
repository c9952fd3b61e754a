//! Rows to feature structures, which are read as those of a CAS are.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use spanarc_document::utf16_len;

use super::{
    escaping::Cell,
    header::{Column, Layer, LayerKind},
    rows::{File, Row},
};
use crate::{
    Offsets,
    cas::{
        self,
        model::{Cas, Feature, FeatureStructure},
        types::{SENTENCE, SOFA, TOKEN},
    },
    note::Note,
    place::Place,
    reading::Reading,
};

pub(crate) fn read(text: &str, source: &Arc<str>, reading: &mut Reading) {
    let place = |line| Place::new(source, line);
    let Some(mut file) = File::parse(text, place, reading) else {
        return;
    };
    let text = match file.text(Offsets::Utf16) {
        Ok(text) => text,
        Err((line, problem)) => match file.text(Offsets::Char) {
            Ok(text) => {
                file.count_utf16(&text);
                let subject = "the offsets fit the rows if they count code points";
                reading.note(Note::OtherUnit, &place(1), subject);
                text
            }
            Err(_) => return reading.refuse(&place(line), problem),
        },
    };
    let mut annotations = Annotations::default();
    let tokens = file.sentences.iter().flat_map(|sentence| &sentence.rows);
    let mut token = 0;
    for row in tokens {
        token += usize::from(!row.is_part());
        for layer in 0..file.layers.len() {
            annotations.read(row, token, layer, &file.layers);
        }
    }
    annotations.note(source, &file.layers, reading);
    let relations = annotations.relations(&file.layers);
    let mut cas = Cas {
        id_name: "row",
        ..Cas::default()
    };
    let sofa = [("sofaString", Feature::from(text.as_str()))];
    cas.structures.push(structure(SOFA, "sofa", 1, sofa));
    for sentence in &file.sentences {
        let begin = sentence.rows.first().map_or(0, |row| row.begin);
        let end = begin + utf16_len(&sentence.text);
        let mut sentence_structure = structure(SENTENCE, "", sentence.line, extent(begin, end));
        if let Some(id) = &sentence.id {
            let id = ("id".to_owned(), Feature::from(id.as_str()));
            sentence_structure.features.push(id);
        }
        cas.structures.push(sentence_structure);
        for row in sentence.rows.iter().filter(|row| !row.is_part()) {
            let place = extent(row.begin, row.end);
            let token = structure(TOKEN, &token_id(row.number), row.line, place);
            cas.structures.push(token);
        }
    }
    for span in annotations.spans {
        let layer = &file.layers[span.layer];
        let mut annotation = structure(
            &layer.name,
            &span.id,
            span.line,
            extent(span.begin, span.end),
        );
        annotation.features.extend(span.features);
        cas.structures.push(annotation);
    }
    cas.structures.extend(relations);
    cas::read(&cas, source, reading);
}

fn structure<'a>(
    kind: &str,
    id: &str,
    line: usize,
    features: impl IntoIterator<Item = (&'a str, Feature)>,
) -> FeatureStructure {
    let features = features.into_iter();
    FeatureStructure {
        id: id.to_owned(),
        kind: kind.to_owned(),
        features: features
            .map(|(name, feature)| (name.to_owned(), feature))
            .collect(),
        line,
    }
}

fn extent(begin: usize, end: usize) -> [(&'static str, Feature); 2] {
    [("begin", begin.into()), ("end", end.into())]
}

/// Apart from those of annotations, which are numbers of rows.
fn token_id(row: &str) -> String {
    format!("token {row}")
}

/// An annotation of one or more rows.
struct SpanAnnotation {
    id: String,
    layer: usize,
    begin: usize,
    end: usize,
    features: Vec<(String, Feature)>,
    /// The last token, by number from 1.
    token: usize,
    has_gap: bool,
    line: usize,
}

/// Annotations by rows.
#[derive(Default)]
struct Annotations<'a> {
    spans: Vec<SpanAnnotation>,
    /// Indices of the spans by layer and mark.
    marked: HashMap<(usize, &'a str), usize>,
    /// Indices of the spans by layer and row.
    in_row: HashMap<(usize, &'a str), Vec<usize>>,
    /// How many annotations begin in a row.
    begun: HashMap<&'a str, usize>,
    /// Rows with relations, by layer.
    related: Vec<(usize, &'a Row<'a>)>,
    /// Chains and slots: how many there are, and the line of the first.
    others: BTreeMap<String, (usize, usize)>,
}

impl<'a> Annotations<'a> {
    fn read(&mut self, row: &'a Row<'a>, token: usize, index: usize, layers: &'a [Layer]) {
        let layer = &layers[index];
        let cells = &row.cells[layer.first..layer.first + layer.columns.len()];
        match layer.kind {
            LayerKind::Span => self.read_spans(row, cells, token, index, layer),
            LayerKind::Relation => {
                if cells.iter().any(|cell| !Cell::all(cell).is_empty()) {
                    self.related.push((index, row));
                }
            }
            LayerKind::Chain => {
                let links = cells.iter().map(|cell| Cell::all(cell).len()).max();
                self.leave_out(&layer.name, links.unwrap_or_default(), row.line);
            }
        }
    }

    fn leave_out(&mut self, name: &str, count: usize, line: usize) {
        if count > 0 {
            let (all, _) = self.others.entry(name.to_owned()).or_insert((0, line));
            *all += count;
        }
    }

    fn read_spans(
        &mut self,
        row: &'a Row<'a>,
        cells: &[&'a str],
        token: usize,
        index: usize,
        layer: &Layer,
    ) {
        let columns: Vec<Vec<Cell<'a>>> = cells.iter().map(|cell| Cell::all(cell)).collect();
        let count = columns.iter().map(Vec::len).max().unwrap_or_default();
        for stacked in 0..count {
            let cells = || columns.iter().map(|column| column.get(stacked));
            let mark = cells().flatten().find_map(|cell| cell.mark);
            let known = mark.and_then(|mark| self.marked.get(&(index, mark)));
            let span = match known {
                Some(&span) => {
                    let known = &mut self.spans[span];
                    known.begin = known.begin.min(row.begin);
                    known.end = known.end.max(row.end);
                    known.has_gap |= known.token + 1 < token;
                    known.token = token;
                    span
                }
                None => {
                    let mut features = Vec::new();
                    for (column, cell) in layer.columns.iter().zip(cells()) {
                        match (column, cell.and_then(Cell::plain)) {
                            (Column::Feature(name), Some(value)) => {
                                features.push((name.clone(), Feature::from(value.as_str())));
                            }
                            (Column::Slot(name), Some(_)) => {
                                self.leave_out(&format!("{}:{name}", layer.name), 1, row.line);
                            }
                            _ => {}
                        }
                    }
                    let begun = self.begun.entry(row.number).or_insert(0);
                    *begun += 1;
                    let id = match begun {
                        1 => row.number.to_owned(),
                        more => format!("{}/{more}", row.number),
                    };
                    self.spans.push(SpanAnnotation {
                        id,
                        layer: index,
                        begin: row.begin,
                        end: row.end,
                        features,
                        token,
                        has_gap: false,
                        line: row.line,
                    });
                    self.spans.len() - 1
                }
            };
            if let Some(mark) = mark {
                self.marked.insert((index, mark), span);
            }
            let spans = self.in_row.entry((index, row.number)).or_default();
            spans.push(span);
        }
    }

    /// Notes chains, slots, and annotations that skip a row.
    fn note(&self, source: &Arc<str>, layers: &[Layer], reading: &mut Reading) {
        for (name, (count, line)) in &self.others {
            let place = Place::new(source, *line);
            reading.note(Note::OtherAnnotation, &place, format!("{name} ({count})"));
        }
        for span in self.spans.iter().filter(|span| span.has_gap) {
            let subject = format!("row {} ({})", span.id, layers[span.layer].name);
            reading.note(
                Note::DiscontinuousCovered,
                &Place::new(source, span.line),
                subject,
            );
        }
    }

    /// Relations, with arguments by identifier.
    fn relations(&self, layers: &[Layer]) -> Vec<FeatureStructure> {
        let mut structures = Vec::new();
        for (index, row) in &self.related {
            let layer = &layers[*index];
            let columns: Vec<(&Column, Vec<Cell<'_>>)> = (layer.columns.iter())
                .zip(&row.cells[layer.first..])
                .map(|(column, cell)| (column, Cell::all(cell)))
                .collect();
            let count = columns.iter().map(|(_, cells)| cells.len()).max();
            for stacked in 0..count.unwrap_or_default() {
                let mut features = Vec::from(extent(row.begin, row.end));
                let mut named = Vec::new();
                for (column, cells) in &columns {
                    let Some(cell) = cells.get(stacked) else {
                        continue;
                    };
                    if let (Column::Source, mark) = (column, cell.mark.unwrap_or("0_0")) {
                        let (source, target) = mark.split_once('_').unwrap_or(("0", "0"));
                        let source = self.resolve(cell.value, source, &layer.base, layers);
                        let target = self.resolve(row.number, target, &layer.base, layers);
                        features.push(("Governor", Feature::Reference(source)));
                        features.push(("Dependent", Feature::Reference(target)));
                    } else if let (Column::Feature(name), Some(value)) = (column, cell.plain()) {
                        named.push((name.clone(), Feature::from(value.as_str())));
                    }
                }
                let id = format!("{} relation {}", row.number, structures.len() + 1);
                let mut relation = structure(&layer.name, &id, row.line, features);
                relation.features.extend(named);
                structures.push(relation);
            }
        }
        structures
    }

    /// The identifier of the annotation of a layer in a row, by its mark, which is 0 where it is the only one; else words
    /// that name it.
    fn resolve(&self, row: &str, mark: &str, base: &str, layers: &[Layer]) -> String {
        if base == TOKEN {
            return token_id(row);
        }
        let is_base = |layer: &Layer| layer.kind == LayerKind::Span && layer.name == base;
        let span = layers.iter().position(is_base).and_then(|layer| {
            if mark.bytes().all(|byte| byte == b'0') {
                self.in_row.get(&(layer, row))?.first()
            } else {
                self.marked.get(&(layer, mark))
            }
        });
        match span {
            Some(&span) => self.spans[span].id.clone(),
            None => format!("{row}[{mark}] in the layer {base}"),
        }
    }
}
