//! Search for settings: random settings, and successive halving over the epochs of their runs.
//!
//! A trial is one run. At a rung it pauses, and the trials that go on continue from their checkpoints: the learning rate of
//! every trial follows all epochs of its configuration from the start. So no epoch is trained twice, trials are compared
//! at the same point of the same schedule, and a trial that comes to its end is exactly the run that `spanarc train` would
//! make of its settings. The price: at a rung the learning rate is still high, and a setting that only pays once it has
//! fallen may be given up; late rungs and averaged weights make that less likely. The other way, a short run with a
//! schedule of its own at each rung, would favour what learns fast, and pay for all epochs again.

mod plot;
mod space;
mod table;
mod trial;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use candle_core::Device;
use serde::Serialize;
pub use space::{Choices, Halving, Range, SearchSpace};
pub use trial::{Rung, Trial, TrialState};

use crate::{
    config::{Keep, RunConfig},
    inputs::InputHashes,
    overrides,
    preparation::{Run, RunInput},
    run_folder::RunFolder,
    study::{self, PlannedRun, Result, StudyError, Trainer},
};

const TRIALS: &str = "trials.jsonl";

/// What decides a search.
#[derive(Debug, Clone)]
pub struct Search {
    /// What every trial starts from.
    pub config: RunConfig,
    /// File of the space.
    pub space_path: PathBuf,
    /// What is tried.
    pub space: SearchSpace,
    /// Trials at most.
    pub trials: usize,
    /// Seed of the choice of settings; runs have the configuration's.
    pub seed: u64,
    /// Folder: `trial-0001` and so on are run folders; `trials.jsonl`, `table.md`, `plot.svg` and `best.toml` the result.
    pub out: PathBuf,
}

/// `search.toml`, by which a search is told from others.
#[derive(Serialize)]
struct SearchFile<'a> {
    trials: usize,
    seed: u64,
    inputs_sha256: &'a InputHashes,
    halving: &'a Halving,
    space: &'a BTreeMap<String, Choices>,
    config: &'a RunConfig,
}

impl Search {
    /// Trains what is missing, and writes the result anew after each run. `ended` is told of each trial that has come to
    /// a rung or failed. Returns the trials in their order.
    pub fn run(
        &self,
        input: &RunInput,
        trainer: &Trainer,
        mut ended: impl FnMut(&Trial),
    ) -> Result<Vec<Trial>> {
        self.space.check(&self.space_path, &self.config)?;
        if self.config.training.keep == Keep::Last {
            let reason = "a search compares what is best on dev: training.keep must be \"best\"";
            return Err(StudyError::malformed(&self.space_path, reason));
        }
        let (rungs, epochs) = (&self.space.halving.rungs, self.config.training.epochs);
        let varied = self.space.space.contains_key("training.epochs");
        if epochs == 0 && !varied {
            let reason = "a search compares runs of the same length: training.epochs must be set";
            return Err(StudyError::malformed(&self.space_path, reason));
        }
        if let Some(rung) = rungs.iter().find(|rung| !varied && **rung >= epochs) {
            let reason =
                format!("halving.rungs: {rung} is not below training.epochs, which is {epochs}");
            return Err(StudyError::malformed(&self.space_path, reason));
        }
        // Data or an encoder that cannot be read would fail every trial.
        let run = Run::prepare(&self.config, input, &Device::Cpu)?;
        let (mut trials, configs) = self.open(&run.inputs)?;
        drop(run);
        self.write(&trials)?;
        let rungs = self.rungs();
        for (level, &epochs) in rungs.iter().enumerate() {
            let open = |trial: &Trial| trial.state == TrialState::Open;
            let next: Vec<usize> = (0..trials.len())
                .filter(|&index| open(&trials[index]) && trials[index].rungs.len() <= level)
                .collect();
            let plan = |&index: &usize| {
                let run = PlannedRun::whole(self.folder(&trials[index]), configs[index].clone());
                PlannedRun { epochs, ..run }
            };
            let runs: Vec<PlannedRun> = next.iter().map(plan).collect();
            trainer.train(&runs, |run, outcome| {
                let trial = &mut trials[next[run]];
                trial.record(outcome);
                ended(trial);
                self.write(&trials)
            })?;
            let last = level + 1 == rungs.len();
            halve(
                &mut trials,
                level,
                (!last).then_some(self.space.halving.eta),
            );
            self.write(&trials)?;
            self.remove_checkpoints(&trials)?;
        }
        Ok(trials)
    }

    /// The best of the trials that came to their end.
    pub fn best<'a>(&self, trials: &'a [Trial]) -> Option<&'a Trial> {
        let finished = trials
            .iter()
            .filter(|trial| trial.state == TrialState::Finished);
        by_score(finished).next()
    }

    /// The trials as they stand, with their configurations. Errs where the folder holds another search.
    fn open(&self, inputs: &InputHashes) -> Result<(Vec<Trial>, Vec<RunConfig>)> {
        let path = self.out.join("search.toml");
        let search = SearchFile {
            trials: self.trials,
            seed: self.seed,
            inputs_sha256: inputs,
            halving: &self.space.halving,
            space: &self.space.space,
            config: &self.config,
        };
        let text =
            toml::to_string_pretty(&search).map_err(|error| StudyError::malformed(&path, error))?;
        match std::fs::read_to_string(&path) {
            Ok(earlier) if earlier != text => {
                let reason = "is of a search with other settings or inputs (corpus, encoder and so on), or of an earlier \
                              version: name another folder";
                return Err(StudyError::malformed(&path, reason));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => study::write(&path, &text)?,
            Err(source) => return Err(StudyError::io(&path, source)),
        }
        let drawn = self.space.draw(self.trials, self.seed);
        let configs = drawn
            .iter()
            .map(|settings| overrides::apply(&self.config, settings, &self.space_path))
            .collect::<std::result::Result<_, _>>()?;
        let fresh = drawn.into_iter().enumerate();
        let fresh: Vec<Trial> = fresh
            .map(|(index, settings)| Trial::new(index + 1, settings))
            .collect();
        let path = self.out.join(TRIALS);
        let trials = trial::read(&path)?.unwrap_or_else(|| fresh.clone());
        let same =
            |(old, new): (&Trial, &Trial)| (old.trial, &old.settings) == (new.trial, &new.settings);
        if trials.len() != fresh.len() || !trials.iter().zip(&fresh).all(same) {
            let reason = "holds other trials than those of this search";
            return Err(StudyError::malformed(&path, reason));
        }
        Ok((trials, configs))
    }

    /// Epochs of the rungs; the last is the end, however late.
    fn rungs(&self) -> Vec<usize> {
        let mut rungs = self.space.halving.rungs.clone();
        rungs.push(usize::MAX);
        rungs
    }

    fn folder(&self, trial: &Trial) -> PathBuf {
        self.out.join(trial.folder())
    }

    fn write(&self, trials: &[Trial]) -> Result<()> {
        trial::write(&self.out.join(TRIALS), trials)?;
        let title = &self.config.name;
        study::write(&self.out.join("table.md"), &table::table(title, trials))?;
        let path = self.out.join("plot.svg");
        let svg = plot::plot(&self.space, trials)
            .map_err(|reason| StudyError::malformed(&path, reason))?;
        study::write(&path, &svg)?;
        match self.best(trials) {
            Some(best) => self.write_best(best, &self.out.join("best.toml")),
            None => Ok(()),
        }
    }

    fn write_best(&self, best: &Trial, path: &Path) -> Result<()> {
        let config = overrides::apply(&self.config, &best.settings, &self.space_path)?;
        let text =
            toml::to_string_pretty(&config).map_err(|error| StudyError::malformed(path, error))?;
        let score = best.score().unwrap_or_default();
        let trial = best.trial;
        let head =
            format!("# Trial {trial} of a search: mean of the four F1 scores on dev {score:.2}.\n");
        study::write(path, &(head + &text))
    }

    /// Checkpoints are large, and nobody goes on with a trial that has been given up or has come to its end.
    fn remove_checkpoints(&self, trials: &[Trial]) -> Result<()> {
        trials
            .iter()
            .filter(|trial| trial.state != TrialState::Open)
            .try_for_each(|trial| Ok(RunFolder::at(&self.folder(trial)).remove_last()?))
    }
}

/// Best first; of equals the one that was drawn first.
fn by_score<'a>(trials: impl Iterator<Item = &'a Trial>) -> impl Iterator<Item = &'a Trial> {
    let mut trials: Vec<&Trial> = trials.collect();
    let score = |trial: &Trial| trial.score().unwrap_or(f64::NEG_INFINITY);
    trials.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.trial.cmp(&b.trial)));
    trials.into_iter()
}

/// Decides which of the trials that came to a rung go on: one in `eta`, rounded up. Without `eta` it is the end of all.
///
/// It follows from the scores at that rung alone, so that a search that goes on decides again as it did before.
fn halve(trials: &mut [Trial], level: usize, eta: Option<usize>) {
    let Some(eta) = eta else {
        let at_the_end =
            |trial: &&mut Trial| trial.state == TrialState::Open && trial.rungs.len() > level;
        let ended = trials.iter_mut().filter(at_the_end);
        return ended.for_each(|trial| trial.state = TrialState::Finished);
    };
    let mut ranking: Vec<(f64, usize)> = trials
        .iter()
        .enumerate()
        .filter_map(|(index, trial)| Some((trial.rungs.get(level)?.score, index)))
        .collect();
    ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let going_on = ranking.len().div_ceil(eta);
    for (_, index) in ranking.into_iter().skip(going_on) {
        trials[index].state = TrialState::Stopped;
    }
}

#[cfg(test)]
mod tests {
    use spanarc_model::bundle::MeasuredScores;

    use super::*;

    fn reach(trial: &mut Trial, score: f64) {
        let scores = MeasuredScores {
            data: "towns dev".into(),
            entity_micro_f1: score,
            entity_macro_f1: score,
            relation_micro_f1: score,
            relation_macro_f1: score,
        };
        trial.rungs.push(Rung {
            epochs: trial.rungs.len() + 1,
            best_epoch: 1,
            score,
            dev: scores,
            seconds: 1.,
        });
    }

    fn trials(scores: &[f64]) -> Vec<Trial> {
        let trials = scores.iter().enumerate().map(|(index, &score)| {
            let mut trial = Trial::new(index + 1, overrides::Overrides::new());
            reach(&mut trial, score);
            trial
        });
        trials.collect()
    }

    fn open(trials: &[Trial]) -> Vec<usize> {
        let open = trials
            .iter()
            .filter(|trial| trial.state == TrialState::Open);
        open.map(|trial| trial.trial).collect()
    }

    #[test]
    fn one_in_eta_goes_on_and_of_equals_the_first() {
        let mut seven = trials(&[10., 40., 20., 40., 30., 5., 40.]);
        halve(&mut seven, 0, Some(3));
        assert_eq!(open(&seven), [2, 4, 7]);
        let mut equal = trials(&[1., 1., 1.]);
        halve(&mut equal, 0, Some(3));
        assert_eq!(open(&equal), [1]);
    }

    #[test]
    fn a_trial_that_failed_before_the_rung_takes_nobodys_place() {
        let mut trials = trials(&[10., 20., 30.]);
        trials[2].rungs.clear();
        trials[2].state = TrialState::Failed;
        halve(&mut trials, 0, Some(2));
        assert_eq!(open(&trials), [2]);
        assert_eq!(trials[2].state, TrialState::Failed);
    }

    #[test]
    fn a_decision_taken_again_is_the_same() {
        let mut trials = trials(&[10., 40., 20., 30.]);
        halve(&mut trials, 0, Some(2));
        assert_eq!(open(&trials), [2, 4]);
        // The search is killed while it is at the next rung, which one of the two has come to.
        reach(&mut trials[3], 50.);
        halve(&mut trials, 0, Some(2));
        assert_eq!(open(&trials), [2, 4]);
    }

    #[test]
    fn the_best_is_one_that_came_to_its_end() {
        let mut trials = trials(&[60., 90., 70.]);
        trials[1].state = TrialState::Stopped;
        halve(&mut trials, 0, None);
        let finished = trials
            .iter()
            .filter(|trial| trial.state == TrialState::Finished);
        assert_eq!(by_score(finished).next().map(|trial| trial.trial), Some(3));
    }
}
