//! Feature structures to a document.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use serde_json::{Value, json};
use spanarc_document::{Attributes, Byte, OffsetMap, Span};

use super::{
    annotation::{
        ARGUMENTS, arguments, kind, maker, normalization, offsets, written_maker, written_state,
    },
    model::{Cas, Feature, FeatureStructure},
    problem::CasProblem,
    types::{self, Layer, NAMED_ENTITY, RELATION, SOFA},
};
use crate::{
    Offsets,
    annotated::{TextToken, TokenSentence},
    draft::{Draft, DraftLink, DraftMention},
    note::Note,
    place::Place,
    read_error::AnnotationProblem,
    reading::Reading,
    source::file_stem,
};

/// Reads the document of the initial view.
pub(crate) fn read(cas: &Cas, source: &Arc<str>, reading: &mut Reading) {
    let place = Place::new(source, 1);
    let mut sofas = cas.structures.iter().filter(|sofa| sofa.kind == SOFA);
    let first = sofas.clone().next();
    let initial = sofas.find(|sofa| sofa.text("sofaID").as_deref() == Some("_InitialView"));
    let Some(sofa) = initial.or(first) else {
        return reading.refuse(&place, CasProblem::NoSofa);
    };
    let Some(text) = sofa.text("sofaString") else {
        let mut instead = ["sofaURI", "sofaArray"].into_iter();
        let instead = instead.find_map(|name| Some(format!(" (`{name}` {})", sofa.text(name)?)));
        let problem = CasProblem::NoText {
            element: cas.describe(sofa),
            instead: instead.unwrap_or_default(),
        };
        return reading.refuse(&Place::new(source, sofa.line), problem);
    };
    let mut sorted = Sorted::new(cas, sofa, source, reading);
    let title = |feature| sorted.metadata.and_then(|data| data.text(feature));
    let mut names = ["documentTitle", "documentId"]
        .into_iter()
        .filter_map(title);
    let id = names
        .find(|name| !name.trim().is_empty())
        .map_or_else(|| file_stem(source).to_owned(), Cow::into_owned);
    let sentences = sorted.sentences(cas, &text, &id, reading);
    let mut draft = Draft::new(&text, Offsets::Utf16);
    sorted.read_mentions(cas, &mut draft, reading);
    sorted.read_relations(cas, &mut draft, reading);
    for (layer, (count, line)) in sorted.others {
        let place = Place::new(source, line);
        reading.note(Note::OtherAnnotation, &place, format!("{layer} ({count})"));
    }
    let notes = Attributes::default();
    match sentences {
        Some(sentences) => draft.finish_sentences(id, sentences, notes, place, reading),
        None => draft.finish(id, notes, place, reading),
    }
}

/// The structures of a view by what they are.
struct Sorted<'a> {
    source: &'a Arc<str>,
    metadata: Option<&'a FeatureStructure>,
    sentences: Vec<&'a FeatureStructure>,
    tokens: Vec<&'a FeatureStructure>,
    mentions: Vec<&'a FeatureStructure>,
    relations: Vec<&'a FeatureStructure>,
    /// Identifiers of structures without a place in the text, to which features refer.
    unplaced: HashSet<&'a str>,
    /// Those of arrays of primitive values.
    arrays: HashMap<&'a str, &'a Value>,
    /// What is left out, by layer: how many, and the line of the first.
    others: BTreeMap<String, (usize, usize)>,
}

impl<'a> Sorted<'a> {
    fn new(
        cas: &'a Cas,
        sofa: &FeatureStructure,
        source: &'a Arc<str>,
        reading: &mut Reading,
    ) -> Self {
        let mut sorted = Self {
            source,
            metadata: None,
            sentences: Vec::new(),
            tokens: Vec::new(),
            mentions: Vec::new(),
            relations: Vec::new(),
            unplaced: HashSet::new(),
            arrays: HashMap::new(),
            others: BTreeMap::new(),
        };
        let structures = || cas.structures.iter();
        let ids: HashSet<&str> = structures().map(|structure| &*structure.id).collect();
        let sofas: HashMap<&str, &FeatureStructure> = structures()
            .filter(|structure| structure.kind == SOFA)
            .map(|sofa| (&*sofa.id, sofa))
            .collect();
        let members = cas.members.get(&sofa.id);
        for structure in &cas.structures {
            let is_placed = ["begin", "end"].map(|name| structure.feature(name).is_some());
            let is_placed = is_placed != [false; 2];
            if !is_placed && structure.kind != SOFA {
                sorted.unplaced.insert(&structure.id);
            }
            let layer = types::layer(&structure.kind);
            if layer == Layer::Inner {
                if let (true, Some(Feature::Value(items))) = (
                    types::is_primitive_array(&structure.kind),
                    structure.feature("elements"),
                ) {
                    sorted.arrays.insert(&structure.id, items);
                }
                continue;
            }
            match structure.text("sofa") {
                Some(id) if *id != sofa.id => {
                    let Some(other) = sofas.get(&*id) else {
                        let element = cas.describe(structure);
                        let sofa = id.into_owned();
                        let problem = CasProblem::UnknownSofa { element, sofa };
                        reading.refuse(&Place::new(source, structure.line), problem);
                        continue;
                    };
                    let view = other.text("sofaID").unwrap_or_default();
                    sorted.leave_out(structure, format!("view {view}"));
                    continue;
                }
                _ => {}
            }
            let is_indexed = members.is_none_or(|members| members.contains(&structure.id));
            if is_placed && !is_indexed {
                sorted.leave_out(structure, format!("{}, not indexed", structure.kind));
                continue;
            }
            match layer {
                Layer::Metadata => {
                    sorted.metadata.get_or_insert(structure);
                }
                Layer::Sentence => sorted.sentences.push(structure),
                Layer::Token => sorted.tokens.push(structure),
                Layer::Custom if arguments(structure, &ids).is_some() => {
                    sorted.relations.push(structure);
                }
                Layer::Custom if is_placed => sorted.mentions.push(structure),
                _ => sorted.leave_out(structure, structure.kind.clone()),
            }
        }
        sorted
    }

    fn leave_out(&mut self, structure: &FeatureStructure, layer: String) {
        self.others.entry(layer).or_insert((0, structure.line)).0 += 1;
    }

    fn place(&self, structure: &FeatureStructure) -> Place {
        Place::new(self.source, structure.line)
    }

    fn read_mentions(&mut self, cas: &Cas, draft: &mut Draft<'_>, reading: &mut Reading) {
        for structure in std::mem::take(&mut self.mentions) {
            let field = cas.describe(structure);
            let place = self.place(structure);
            let piece = match offsets(cas, structure) {
                Ok(piece) => piece,
                Err(problem) => {
                    draft.leave_out(structure.id.clone(), &field);
                    reading.refuse(&place, problem);
                    continue;
                }
            };
            let (kind, feature) = kind(structure);
            let (origin, state) = maker(structure, feature);
            let mention = DraftMention {
                id: (!structure.id.is_empty()).then(|| structure.id.clone()),
                origin,
                state,
                attributes: self.attributes(structure, feature, &[], NAMED_ENTITY),
                ..DraftMention::new(&kind, [piece])
            };
            draft.mention(mention, &field, &place, reading);
        }
    }

    /// After the mentions. An argument that is no mention was left out.
    fn read_relations(&mut self, cas: &Cas, draft: &mut Draft<'_>, reading: &mut Reading) {
        let ids: HashSet<&str> = (cas.structures.iter())
            .map(|structure| &*structure.id)
            .collect();
        let mut left_out: HashSet<&str> = (cas.structures.iter())
            .filter(|structure| !draft.knows(&structure.id))
            .map(|structure| &*structure.id)
            .collect();
        let relations = std::mem::take(&mut self.relations);
        let relation_ids: HashSet<&str> = relations.iter().map(|one| &*one.id).collect();
        for structure in relations {
            let field = cas.describe(structure);
            let place = self.place(structure);
            let names = arguments(structure, &ids).unwrap_or(ARGUMENTS[0]);
            let [head, tail] = names.map(|name| (name, structure.text(name)));
            let (head, tail) = match (head, tail) {
                ((_, Some(head)), (_, Some(tail))) => (head, tail),
                ((feature, None), _) | (_, (feature, None)) => {
                    let element = field;
                    reading.refuse(&place, CasProblem::NoArgument { element, feature });
                    continue;
                }
            };
            if [&head, &tail]
                .into_iter()
                .any(|id| relation_ids.contains(&**id))
            {
                let subject = format!("{field}, a relation of a relation");
                reading.note(Note::OtherAnnotation, &place, subject);
                continue;
            }
            for argument in [&head, &tail] {
                if left_out.remove(&**argument) {
                    draft.leave_out(argument.to_string(), argument);
                }
            }
            let (kind, feature) = kind(structure);
            let (origin, state) = maker(structure, feature);
            let link = DraftLink {
                origin,
                state,
                attributes: self.attributes(structure, feature, &names, RELATION),
                ..DraftLink::new(&kind, &head, &tail)
            };
            draft.link(link, &field, &place, reading);
        }
    }

    /// What else the structure says. `written` is the layer that is written here, whose own features are known.
    fn attributes(
        &mut self,
        structure: &FeatureStructure,
        type_feature: Option<&str>,
        arguments: &[&str],
        written: &str,
    ) -> Attributes {
        let mut attributes = Attributes::default();
        if structure.kind != written {
            attributes.insert("layer".to_owned(), structure.kind.as_str().into());
        }
        let (maker, state) = (written_maker(structure), written_state(structure));
        let score = type_feature.map(|feature| format!("{feature}_score"));
        for (name, feature) in &structure.features {
            let is_known = match name.as_str() {
                "sofa" | "begin" | "end" | "inception_internal_predicted" => true,
                "score" | "model" if maker.is_some() => true,
                "state" if state.is_some() => true,
                name => {
                    arguments.contains(&name)
                        || [type_feature, score.as_deref()].contains(&Some(name))
                }
            };
            if is_known {
                continue;
            }
            let value = match feature {
                Feature::Reference(id) => self.arrays.get(&**id).copied(),
                Feature::Value(Value::String(text)) if self.refers(text) => {
                    self.arrays.get(text.trim()).copied()
                }
                Feature::Value(value) => Some(value),
            };
            match value {
                None => self.leave_out(structure, format!("{}:{name}", structure.kind)),
                Some(Value::Null) => {}
                Some(Value::String(text)) if name == "identifier" => {
                    attributes.insert("normalizations".to_owned(), json!([normalization(text)]));
                }
                Some(value) => {
                    attributes.insert(name.clone(), value.clone());
                }
            }
        }
        attributes
    }

    /// Whether a string of XMI stands for structures without a place, as the links of a slot do.
    fn refers(&self, text: &str) -> bool {
        let mut words = text.split_ascii_whitespace().peekable();
        words.peek().is_some() && words.all(|word| self.unplaced.contains(word))
    }

    /// The sentences with their tokens, unless there are none. Tokens that overlap others or lie in no sentence, and
    /// sentences without tokens, are left out.
    fn sentences(
        &mut self,
        cas: &Cas,
        text: &str,
        id: &str,
        reading: &mut Reading,
    ) -> Option<Vec<TokenSentence>> {
        let map = OffsetMap::new(text);
        let mut spans = |structures: Vec<&'a FeatureStructure>| {
            let mut spans: Vec<(Span<Byte>, &FeatureStructure)> = Vec::new();
            for structure in structures {
                let span = offsets(cas, structure).map_err(Into::into);
                let span = span.and_then(|(begin, end)| {
                    let span = Offsets::Utf16.to_byte(&map, begin, end);
                    span.map_err(|error| {
                        let field = cas.describe(structure);
                        AnnotationProblem::Offset { field, error }.into()
                    })
                });
                match span {
                    Ok(span) => spans.push((span, structure)),
                    Err::<_, crate::read_error::LineProblem>(problem) => {
                        reading.refuse(&Place::new(self.source, structure.line), problem);
                    }
                }
            }
            spans.sort_by_key(|(span, _)| *span);
            spans
        };
        let places = spans(std::mem::take(&mut self.sentences));
        let mut tokens = spans(std::mem::take(&mut self.tokens))
            .into_iter()
            .peekable();
        let mut sentences = Vec::new();
        let mut end = 0;
        for (place, structure) in places {
            let mut taken = Vec::new();
            while let Some((span, token)) = tokens.next_if(|(span, _)| span.start < place.end) {
                if span.is_empty() || span.start < end.max(place.start) || span.end > place.end {
                    self.leave_out(token, "tokens across sentences or tokens".to_owned());
                    continue;
                }
                end = span.end;
                let word = text[span.start..span.end].to_owned();
                taken.push(TextToken { span, word });
            }
            if taken.is_empty() {
                self.leave_out(structure, "sentences without tokens".to_owned());
                continue;
            }
            let name = structure.text("id").filter(|name| !name.is_empty());
            sentences.push(TokenSentence {
                id: name.map_or_else(|| format!("{id}:{}", sentences.len() + 1), Cow::into_owned),
                place: self.place(structure),
                tokens: taken,
            });
        }
        for (_, token) in tokens {
            self.leave_out(token, "tokens across sentences or tokens".to_owned());
        }
        (!sentences.is_empty()).then_some(sentences)
    }
}
