//! `spanarc quantize`: the same model with int8 weights, and embeddings of word pieces in 4 bits.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::{ArgGroup, Args};
use spanarc_engine::RELATION_FLOOR;
use spanarc_model::{
    Annotator,
    bundle::{self, Bundle, BundleMetadata, EstimatedScores},
    calibration::Calibration,
};
use spanarc_train::{
    RunConfig, calibration,
    corpus_files::corpus_name,
    cross_validation,
    estimated_scores::{self, Twin},
    evaluation, learnt_corpora, model_card,
    run_folder::{RunFolder, RunSummary},
};

use crate::files;

/// Write a model with its large matrices as int8 and its word pieces in 4 bits, and its model card beside it
///
/// The scores in the bundle are left out of the result, being those of other weights; with --data they are measured anew.
/// A model that has learnt from all data at hand can carry the scores of others instead, which are told apart from its own:
/// of a cross-validation (--cross-validation), of runs that did not learn from dev (--twin).
#[derive(Args)]
#[command(group(ArgGroup::new("sentences").multiple(true)))]
pub(crate) struct Arguments {
    /// The bundle to quantise
    #[arg(long, value_name = "BUNDLE")]
    model: PathBuf,
    /// The bundle to write
    #[arg(long, value_name = "BUNDLE")]
    out: PathBuf,
    /// Corpora on which the result is measured, in any format that training reads; the scores become part of it
    #[arg(long, value_name = "PATH", group = "sentences")]
    data: Vec<PathBuf>,
    /// Configuration, whose table [corpus] says how --data and --calibrate are read
    #[arg(long, value_name = "FILE", requires = "sentences")]
    config: Option<PathBuf>,
    /// Scores of a cross-validation with the bundle's settings: its cross-validation.json
    #[arg(long, value_name = "FILE")]
    cross_validation: Vec<PathBuf>,
    /// Run with the bundle's settings that did not learn from dev, and its scores there; may be given for several seeds
    #[arg(long, value_name = "RUN")]
    twin: Vec<PathBuf>,
    /// Annotated sentences that the model has not learnt from, by which its scores become probabilities
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with = "calibration",
        group = "sentences"
    )]
    calibrate: Option<PathBuf>,
    /// Bundle whose calibration is taken over: of a run with the same settings that had sentences left to calibrate by
    #[arg(long, value_name = "BUNDLE")]
    calibration: Option<PathBuf>,
    /// Name of the model in the result, instead of the bundle's own
    #[arg(long)]
    name: Option<String>,
    /// What a user of the model should know, such as its origin and licence
    #[arg(long)]
    note: Option<String>,
}

/// Writes the quantised bundle whole or not at all, then its card.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let file = files::read(&arguments.model)?;
    let place = || arguments.model.display().to_string();
    let bundle = Bundle::parse(&file).with_context(place)?;
    let inputs = [&arguments.model].into_iter().chain(&arguments.data);
    let inputs = inputs
        .chain(&arguments.calibrate)
        .chain(&arguments.calibration);
    super::spare_inputs(&arguments.out, inputs.map(PathBuf::as_path))?;
    let quantized = bundle::quantize(&bundle).with_context(place)?;
    let quantized = described(&quantized, arguments)?;
    files::write(&arguments.out, &quantized)?;
    let card = files::model_card(&arguments.out, &quantized)?;
    files::write(&model_card::path(&arguments.out), card.as_bytes())?;
    let (from, to) = (file.len(), quantized.len());
    writeln!(
        io::stdout(),
        "{}: {to} bytes, {from} before",
        arguments.out.display()
    )?;
    Ok(())
}

/// The quantised bundle with its scores and what the caller says of it.
fn described(quantized: &[u8], arguments: &Arguments) -> Result<Vec<u8>> {
    let place = || arguments.model.display().to_string();
    let quantized = Bundle::parse(quantized).with_context(place)?;
    let mut metadata = quantized.metadata().clone();
    if let Some(calibration) = calibration(arguments, &quantized)? {
        // The threshold means the same relations as before.
        let threshold = calibration.relations.map.apply(metadata.relation_threshold);
        if threshold < RELATION_FLOOR {
            bail!(
                "of the relations at the model's threshold only a share of {threshold:.3} is right: relations below {RELATION_FLOOR} are \
                 not kept"
            );
        }
        metadata.relation_threshold = threshold;
        metadata.calibration = Some(calibration);
    }
    let calibrated = bundle::with_metadata(&quantized, &metadata).with_context(place)?;
    let model = Annotator::from_bundle(&calibrated).with_context(place)?;
    for path in &arguments.data {
        let corpus = files::corpus(path, arguments.config.as_deref(), &model)?;
        let threshold = model.relation_threshold();
        let predictions = evaluation::predict(&model, &corpus, 32, threshold)?;
        let report = evaluation::score(&corpus, &predictions, model.schema(), threshold)?;
        let mut name = corpus_name(path);
        if learnt_corpora::include(&metadata.provenance, &name) {
            name += " (learnt from)";
        }
        let measured = evaluation::measured(&name, &report);
        metadata
            .scores
            .retain(|scores| scores.data != measured.data);
        metadata.scores.push(measured);
    }
    let estimated = estimated_scores(arguments, &metadata)?;
    if !estimated.is_empty() {
        metadata.estimated_scores = estimated;
    }
    if let Some(name) = &arguments.name {
        metadata.name.clone_from(name);
    }
    if arguments.note.is_some() {
        metadata.provenance.note.clone_from(&arguments.note);
    }
    bundle::with_metadata(&quantized, &metadata).with_context(place)
}

/// What makes probabilities of the scores, as far as the caller says by what.
fn calibration(arguments: &Arguments, quantized: &Bundle) -> Result<Option<Calibration>> {
    let place = || arguments.model.display().to_string();
    if arguments.calibrate.is_none() && arguments.calibration.is_none() {
        return Ok(None);
    }
    if quantized.metadata().calibration.is_some() {
        bail!("{} is calibrated already", place());
    }
    if let Some(path) = &arguments.calibration {
        let file = files::read(path)?;
        let other = Bundle::parse(&file).with_context(|| path.display().to_string())?;
        let other = other.metadata();
        if !alike(other, quantized.metadata()) {
            bail!(
                "{}: a model of other labels or another network",
                path.display()
            );
        }
        let nothing = || format!("{}: the bundle is not calibrated", path.display());
        return other.calibration.clone().with_context(nothing).map(Some);
    }
    let Some(path) = &arguments.calibrate else {
        return Ok(None);
    };
    let raw = bundle::with_metadata(quantized, quantized.metadata()).with_context(place)?;
    let model = Annotator::from_bundle(&raw).with_context(place)?;
    let name = corpus_name(path);
    if learnt_corpora::include(&model.metadata().provenance, &name) {
        bail!(
            "{} has learnt from {name}, where its scores look surer than they are",
            place()
        );
    }
    let corpus = files::corpus(path, arguments.config.as_deref(), &model)?;
    Ok(Some(calibration::fit(&model, &corpus, &name)?))
}

/// Whether two models differ in weights alone, and in the characters of what they have learnt from.
fn alike(one: &BundleMetadata, other: &BundleMetadata) -> bool {
    let network = |metadata: &BundleMetadata| {
        let mut network = metadata.network.clone();
        if let Some(characters) = &mut network.characters {
            characters.alphabet.clear();
        }
        network
    };
    one.schema == other.schema && network(one) == network(other)
}

/// Scores of other weights, as far as the caller names them.
fn estimated_scores(
    arguments: &Arguments,
    bundle: &BundleMetadata,
) -> Result<Vec<EstimatedScores>> {
    let mut estimated = Vec::new();
    for path in &arguments.cross_validation {
        let scores = cross_validation::Scores::read(path)?;
        let of_folds = estimated_scores::of_cross_validation(&scores, &bundle.provenance.corpora);
        estimated.extend(of_folds.with_context(|| path.display().to_string())?);
    }
    let mut twins = Vec::new();
    for path in &arguments.twin {
        let run = RunFolder::at(path);
        let nothing = || format!("{}: no run has ended here", path.display());
        twins.push(Twin {
            summary: run.summary()?.with_context(nothing)?,
            config: run.read_config()?,
        });
    }
    let config = own_settings(arguments, bundle)?;
    let of_twins = estimated_scores::of_twins(&twins, bundle, config.as_ref());
    estimated.extend(of_twins.with_context(|| arguments.model.display().to_string())?);
    Ok(estimated)
}

/// Settings of the bundle's own run, if it still lies in the run's folder.
fn own_settings(arguments: &Arguments, bundle: &BundleMetadata) -> Result<Option<RunConfig>> {
    let folder = RunFolder::at(arguments.model.parent().unwrap_or(Path::new("")));
    if arguments.twin.is_empty() || folder.best() != arguments.model {
        return Ok(None);
    }
    let own = |run: &RunSummary| run.name == bundle.name && run.seed == bundle.provenance.seed;
    match folder.summary()?.filter(own) {
        Some(_) => Ok(Some(folder.read_config()?)),
        None => Ok(None),
    }
}
