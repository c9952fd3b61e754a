//! A run of seconds: its corpus, its configuration, and how it is started.

use std::{fs, ops::ControlFlow, path::Path};

use spanarc_corpus::{Entity, Relation, Sentence, Span, jsonl};
use spanarc_train::{
    Corpus, Device, Outcome, Result, Run, RunConfig, RunInput,
    config::{NetworkChoice, Training},
    pretrained::PretrainedPaths,
    run_folder::{EpochMetrics, Existing, RunFolder},
};

const PEOPLE: [&str; 6] = ["Ann", "Bob", "Cleo", "Dan", "Eve", "Finn"];
const PLACES: [&str; 6] = ["ROME", "OSLO", "LIMA", "BONN", "RIGA", "ACCRA"];

/// `Ann lives in ROME .`, and with places first: `In ROME lives Ann .`
pub(crate) fn corpus() -> Vec<Sentence> {
    let names = PEOPLE
        .iter()
        .flat_map(|person| PLACES.iter().map(move |place| (person, place)));
    let entity = |kind: &str, at: usize| Entity {
        kind: kind.into(),
        span: Span::new(at, at + 1),
    };
    names
        .enumerate()
        .map(|(index, (person, place))| {
            let (words, at): (Vec<&str>, [usize; 2]) = match index % 2 {
                0 => (vec![person, "lives", "in", place, "."], [0, 3]),
                _ => (vec!["In", place, "lives", person, "."], [3, 1]),
            };
            Sentence {
                id: format!("s{index}"),
                tokens: words.into_iter().map(str::to_owned).collect(),
                entities: vec![entity("Person", at[0]), entity("Place", at[1])],
                relations: vec![Relation {
                    kind: "lives in".into(),
                    head: 0,
                    tail: 1,
                }],
            }
        })
        .collect()
}

/// Writes `train.jsonl` and `dev.jsonl`, every fifth sentence being for dev, as `edit` leaves them.
pub(crate) fn write_corpus(folder: &Path, edit: impl Fn(&mut Sentence)) {
    let mut sentences = corpus();
    sentences.iter_mut().for_each(edit);
    let (dev, train): (Vec<_>, Vec<_>) = sentences
        .into_iter()
        .enumerate()
        .partition(|(index, _)| index % 5 == 0);
    for (name, part) in [("train.jsonl", train), ("dev.jsonl", dev)] {
        let file = fs::File::create(folder.join(name)).unwrap();
        jsonl::write(file, part.iter().map(|(_, sentence)| sentence)).unwrap();
    }
}

pub(crate) fn config(epochs: usize) -> RunConfig {
    RunConfig {
        name: "tiny".into(),
        network: NetworkChoice {
            hidden: 12,
            re_layers: 1,
            characters: 8,
            ..NetworkChoice::default()
        },
        training: Training {
            epochs,
            batch: 4,
            learning_rate: 0.01,
            average: 0.9,
            ..Training::default()
        },
        ..RunConfig::default()
    }
}

/// The corpus in a folder, and perhaps an encoder.
pub(crate) fn input(data: &Path, encoder: Option<&Path>) -> RunInput {
    RunInput {
        corpus: Corpus::read(data, None).unwrap(),
        pretrained: PretrainedPaths {
            encoder: encoder.map(Path::to_owned),
            ..PretrainedPaths::default()
        },
        git_revision: None,
    }
}

pub(crate) fn train(
    config: &RunConfig,
    input: &RunInput,
    folder: &RunFolder,
    after_epoch: impl FnMut(&EpochMetrics) -> ControlFlow<()>,
) -> Result<Outcome> {
    Run::prepare(config, input, &Device::Cpu)?.train(folder, after_epoch)
}

/// Trains to the end, in the folder `run` beside the data.
pub(crate) fn whole_run(config: &RunConfig, data: &Path) -> Outcome {
    run(
        config,
        data,
        &data.join("run"),
        Existing::Refuse,
        usize::MAX,
    )
}

/// Trains in `folder`, stopping after `stop` epochs of this call. An encoder that the configuration asks for lies beside the data.
pub(crate) fn run(
    config: &RunConfig,
    data: &Path,
    folder: &Path,
    existing: Existing,
    stop: usize,
) -> Outcome {
    let folder = RunFolder::open(folder, existing).unwrap();
    folder.write_config(config).unwrap();
    let input = input(data, config.encoder.as_ref().map(|_| data));
    let mut left = stop;
    train(config, &input, &folder, |_| {
        left -= 1;
        if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap()
}
