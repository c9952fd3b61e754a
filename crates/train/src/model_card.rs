//! The model card of a bundle: what the file says of itself, as Markdown for people.
//!
//! It follows from the bundle's bytes alone, so that every bundle has one, and nothing stands in it that is not known.

use std::path::{Path, PathBuf};

use spanarc_corpus::Signature;
use spanarc_model::{
    bundle::{Bundle, BundleError, BundleMetadata, EstimatedScores, MeasuredScores, Provenance},
    calibration::Calibration,
    config::{Cell, EncoderKind, NetworkConfig},
};

use crate::{
    calibration::error_by_chance,
    digest,
    markdown::{grouped, line, table},
    statistics::ScoreStatistics,
};

const ABOUT_SCORES: &str = "\
F1 in percent, strict: an entity counts when boundaries and type are right, a relation when its type and both its entities
are. Macro is the mean over types.
";

const ABOUT_ESTIMATES: &str = "\
The scores below are **not of the weights in this file**, but of models trained by the same settings on less data: mean and, of
several models, ± sample standard deviation. This file's weights have learnt from that data too, so none is left on which they
could be measured unseen.
";

/// Where a bundle's card stands: `news.card.md` beside `news.safetensors`.
pub fn path(bundle: &Path) -> PathBuf {
    bundle.with_extension("card.md")
}

/// The card of a bundle with this file name and content. Errs where the content is no bundle.
pub fn render(name: &str, file: &[u8]) -> Result<String, BundleError> {
    let bundle = Bundle::parse(file)?;
    let metadata = bundle.metadata();
    let name = line(name);
    let head = format!(
        "# Model card: `{name}`\n\n\
         <!-- Made by `spanarc inspect --card` from what the file says of itself. Do not edit: make it anew. -->\n"
    );
    let parts = [
        head,
        overview(file, &bundle),
        labels(metadata),
        origin(&metadata.provenance),
        scores(metadata),
        reliability(metadata),
        limits(metadata),
        licence(&metadata.provenance),
        loading(&name),
    ];
    Ok(parts.join("\n"))
}

fn overview(file: &[u8], bundle: &Bundle) -> String {
    let metadata = bundle.metadata();
    let sha256 = digest::sha256(file);
    let count = |count: Option<u64>| count.map_or("unknown".to_owned(), grouped);
    let stored_as = |dtype: &str| {
        let mut tensors = bundle.tensors();
        tensors.any(|(_, tensor)| tensor.dtype.to_string() == dtype)
    };
    let weights = match (stored_as("I8"), stored_as("U8")) {
        (_, true) => {
            "embeddings of word pieces 4-bit and large matrices int8, with scales for their rows or parts of these, the rest f32"
        }
        (true, false) => "large matrices int8 with a scale for each row, the rest f32",
        (false, false) => "f32",
    };
    let rows = [
        ("Name", metadata.name.clone()),
        ("Language", metadata.language.clone()),
        ("Network", network(&metadata.network)),
        ("Parameters", count(metadata.total_parameters)),
        ("Trained parameters", count(metadata.trainable_parameters)),
        ("Weights", weights.to_owned()),
        (
            "Relation threshold",
            metadata.relation_threshold.to_string(),
        ),
        ("Size", format!("{} bytes", grouped(file.len() as u64))),
        ("SHA-256", format!("`{sha256}`")),
    ];
    table(
        &["", ""],
        &rows.map(|(title, value)| vec![title.into(), value]),
    )
}

/// The network in a sentence.
fn network(network: &NetworkConfig) -> String {
    let mut inputs = Vec::new();
    if let Some(encoder) = &network.encoder {
        let case = match encoder.lowercase {
            true => ", lower-cased word pieces",
            false => "",
        };
        let kind = match encoder.kind {
            EncoderKind::Bert => String::new(),
            other => format!(" ({})", other.name()),
        };
        inputs.push(format!(
            "{} layers of a transformer encoder{kind} of width {}{case}",
            encoder.layers, encoder.hidden
        ));
    }
    if let Some(elmo) = &network.elmo {
        inputs.push(format!(
            "ELMo of {} layers of width {} in each direction",
            elmo.layers, elmo.projection
        ));
    }
    if let Some(words) = &network.words {
        inputs.push(format!(
            "vectors of size {} for {} words",
            words.size,
            grouped(words.vocabulary as u64)
        ));
    }
    if network.characters.is_some() {
        inputs.push("a character BiRNN".to_owned());
    }
    if network.casing {
        inputs.push("casing".to_owned());
    }
    let cell = match network.cell {
        Cell::Gru => "GRU",
        Cell::Lstm => "LSTM",
    };
    let scorer = match (network.relation.pool_mention, network.relation.context > 0) {
        (false, false) => "",
        (true, false) => "; relations scored from whole mentions",
        (false, true) => "; relations scored with the text between",
        (true, true) => "; relations scored from whole mentions and the text between",
    };
    format!(
        "joint network after Crone 2020: {}; {cell} layers of {} units a direction, {} shared, {} for entities, {} for \
         relations{scorer}",
        inputs.join(", "),
        network.hidden,
        network.shared_layers,
        network.ner_layers,
        network.re_layers
    )
}

fn labels(metadata: &BundleMetadata) -> String {
    let schema = &metadata.schema;
    let counts = metadata.provenance.training_data.as_ref();
    let head = |titles: &[&'static str]| {
        let mut head = titles.to_vec();
        head.extend(counts.map(|_| "in the training data"));
        head
    };
    let count = |known: Option<&u64>| grouped(known.copied().unwrap_or(0));

    let entities = schema.entity_types.iter().map(|kind| {
        let mut row = vec![kind.name.clone()];
        row.extend(counts.map(|counts| count(counts.entities.get(&kind.name))));
        row
    });
    let entities = table(&head(&["entity"]), &entities.collect::<Vec<_>>());
    if schema.relation_types.is_empty() {
        return format!("## Labels\n\n{entities}");
    }
    let relations = schema.relation_types.iter().map(|kind| {
        let joins = |Signature { head, tail }: &Signature| format!("{head} → {tail}");
        let joins = match kind.signatures.as_slice() {
            [] => "any types".to_owned(),
            signatures => signatures.iter().map(joins).collect::<Vec<_>>().join(", "),
        };
        let mut row = vec![kind.name.clone(), joins];
        row.extend(counts.map(|counts| count(counts.relations.get(&kind.name))));
        row
    });
    let relations = table(
        &head(&["relation", "joins"]),
        &relations.collect::<Vec<_>>(),
    );
    format!("## Labels\n\n{entities}\n{relations}")
}

fn origin(provenance: &Provenance) -> String {
    let mut facts = Vec::new();
    match provenance.corpora.as_slice() {
        [] => facts.push("Fitted to: unknown".to_owned()),
        [corpus, extra @ ..] => {
            facts.push(format!("Fitted to: {corpus}"));
            if !extra.is_empty() {
                facts.push(format!("Extra data: {}", extra.join(", ")));
            }
        }
    }
    if let Some(data) = &provenance.training_data {
        let (sentences, tokens) = (grouped(data.sentences), grouped(data.tokens));
        facts.push(format!(
            "Training data: {sentences} sentences, {tokens} tokens"
        ));
    }
    for (title, name) in [
        ("Started from the weights of", &provenance.started_from),
        ("Pretrained encoder", &provenance.encoder),
        ("Pretrained ELMo", &provenance.elmo),
        ("Word vectors", &provenance.words),
    ] {
        facts.extend(name.iter().map(|name| format!("{title}: {name}")));
    }
    if let Some(runs) = provenance.averaged_runs {
        facts.push(format!("Weights: the mean of {runs} runs"));
    }
    facts.push(format!(
        "Run: seed {}, {} epochs, revision {}",
        provenance.seed,
        provenance.epochs,
        provenance.git_revision.as_deref().unwrap_or("unknown")
    ));
    let note = provenance
        .note
        .iter()
        .map(|note| format!("\n{}\n", line(note)));
    format!("## Origin\n\n{}{}", list(&facts), note.collect::<String>())
}

fn scores(metadata: &BundleMetadata) -> String {
    let mut text = "## Scores\n\n".to_owned();
    if metadata.scores.is_empty() && metadata.estimated_scores.is_empty() {
        return text + "None: these weights have not been measured.\n";
    }
    text += ABOUT_SCORES;
    let row = |measured: &str, scores: &[MeasuredScores]| {
        let scores = ScoreStatistics::of(scores)?;
        let mut row = vec![measured.to_owned()];
        row.extend(scores.all().map(|figure| figure.to_string()));
        Some(row)
    };
    let head = |first: &'static str| [&[first][..], &ScoreStatistics::NAMES].concat();
    let measured = (metadata.scores.iter())
        .filter_map(|scores| row(&scores.data, std::slice::from_ref(scores)));
    let measured: Vec<_> = measured.collect();
    if !measured.is_empty() {
        text += &format!("\n{}", table(&head("measured on"), &measured));
    }
    let estimated = (metadata.estimated_scores.iter())
        .filter_map(|EstimatedScores { source, scores }| row(source, scores));
    let estimated: Vec<_> = estimated.collect();
    if !estimated.is_empty() {
        text += &format!(
            "\n{ABOUT_ESTIMATES}\n{}",
            table(&head("other models"), &estimated)
        );
    }
    text
}

/// What scores mean, and how far they can be trusted: a plot in text for each kind of annotation.
fn reliability(metadata: &BundleMetadata) -> String {
    let Some(Calibration {
        data,
        entities,
        relations,
    }) = &metadata.calibration
    else {
        return "## What a score means\n\nScores order annotations by how sure the network is. They are not calibrated: of those with \
                a score of 0.9 more or fewer than nine in ten may be right.\n"
            .to_owned();
    };
    let mut text = format!(
        "## What a score means\n\nOf the annotations reported with a score of 0.9 about nine in ten are right. Scores were \
         calibrated by Platt's method on {}; where the weights of this file have learnt from that, by those of another run. Below, \
         each half of that data was measured with scores calibrated on the other half, in bins of as many annotations each: the mean \
         score of a bin (`|`) and the share of it that was right (`#`).\n",
        line(data)
    );
    for (title, scores) in [("Entities", entities), ("Relations", relations)] {
        if scores.bins.is_empty() {
            continue;
        }
        text += &format!(
            "\n{title}: expected calibration error {:.3}; perfect scores of as many annotations would show {:.3} by chance.\n\n\
             ```text\nscore  right  count  0{:>48}\n",
            scores.error,
            error_by_chance(&scores.bins),
            1
        );
        for bin in &scores.bins {
            let place = |share: f64| (share.clamp(0., 1.) * 48.).round() as usize;
            let mut bar: Vec<char> = vec!['#'; place(bin.right)];
            bar.resize(49, ' ');
            bar[place(bin.score)] = '|';
            let bar: String = bar.into_iter().collect();
            let row = format!(
                "{:5.2}  {:5.2}  {:5}  {bar}",
                bin.score, bin.right, bin.count
            );
            text += &format!("{}\n", row.trim_end());
        }
        text += "```\n";
    }
    text
}

fn limits(metadata: &BundleMetadata) -> String {
    let schema = &metadata.schema;
    let signed = (schema.relation_types.iter()).any(|kind| !kind.signatures.is_empty());
    let mut limits = vec![
        format!(
            "For text in the language `{}` that is like its training data; on other text it has not been measured.",
            metadata.language
        ),
        "For finding and drafting annotations that people look over, not for decisions about anyone: it errs as often as the \
         scores say."
            .to_owned(),
        "It knows the labels above and no others. Entities do not overlap.".to_owned(),
    ];
    if !schema.relation_types.is_empty() {
        limits.push(
            "Relations are found within a sentence, between two entities that it found.".to_owned(),
        );
        limits.push(format!(
            "A relation is reported from a score of {} on; a higher threshold gives fewer and surer ones.",
            metadata.relation_threshold
        ));
    }
    if signed {
        limits.push(
            "A relation is reported only between the types that it is listed with.".to_owned(),
        );
    }
    if !metadata.scores.is_empty() || !metadata.estimated_scores.is_empty() {
        limits.push(
            "Data that chose epoch, threshold or settings, as a dev part does, gives scores that are a little kind.".to_owned(),
        );
    }
    format!("## Use and limits\n\n{}", list(&limits))
}

fn licence(provenance: &Provenance) -> String {
    let named = match provenance.note {
        Some(_) => "What its maker says of the licence stands in the note above, if anywhere.",
        None => "Its maker names none.",
    };
    let pretrained = [&provenance.encoder, &provenance.elmo, &provenance.words];
    let sources: Vec<&str> = (provenance.corpora.iter())
        .chain(pretrained.into_iter().flatten())
        .map(String::as_str)
        .collect();
    let sources = match sources.is_empty() {
        true => "what it was made of".to_owned(),
        false => format!("what it was made of ({})", line(&sources.join(", "))),
    };
    format!("## Licence\n\n{named} The terms of {sources} may bind its users too.\n")
}

fn loading(name: &str) -> String {
    format!(
        "## Loading\n\n\
         ```sh\n\
         spanarc annotate --model {name} < text.txt\n\
         ```\n\n\
         In Rust: `spanarc_model::Annotator::from_bundle` takes the bytes of the file. It is a safetensors file, whose metadata \
         stand as JSON under the key `spanarc`.\n"
    )
}

fn list(items: &[String]) -> String {
    items
        .iter()
        .map(|item| format!("- {}\n", line(item)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_stands_beside_its_bundle() {
        assert_eq!(
            path(Path::new("models/news.safetensors")),
            Path::new("models/news.card.md")
        );
    }

    #[test]
    fn text_from_outside_stays_in_its_item() {
        assert_eq!(list(&["a\n\n# b".to_owned()]), "- a # b\n");
    }
}
