//! From run folders to records: their small files, and nothing else.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Content, Description, Experiment, ResultsError,
    experiment::{ABLATION, DESCRIPTION, TRIALS},
};
use crate::{
    ablation::BASELINE,
    cross_validation,
    run_folder::{CONFIG, RunFolder, SUMMARY},
    whole_file,
};

/// Records what is in the folder `runs` as the new folder `experiment`, with a description, and reads it. The folder
/// appears whole or not at all. One that is there is refused, or replaced if `replace` is set and it holds an experiment.
pub fn collect(
    runs: &Path,
    experiment: &Path,
    description: &Description,
    replace: bool,
) -> Result<Experiment, ResultsError> {
    if experiment.exists() {
        let reason = match (replace, experiment.join(DESCRIPTION).exists()) {
            (true, true) => None,
            (true, false) => Some("holds no experiment to replace"),
            (false, _) => Some("is there already: choose another name, or replace it with --force"),
        };
        if let Some(reason) = reason {
            return Err(ResultsError::malformed(experiment, reason));
        }
    }
    if description.title.trim().is_empty() {
        return Err(ResultsError::malformed(experiment, "has no title"));
    }
    let above = (experiment.parent())
        .filter(|above| !above.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if let Some(other) = &description.compared_with
        && !above.join(other).join(DESCRIPTION).exists()
    {
        return Err(ResultsError::no_experiment(experiment, other));
    }
    let found = Experiment::at(runs, description.clone())?;
    fs::create_dir_all(above).map_err(ResultsError::io(above))?;
    let place = tempfile::Builder::new()
        .prefix(".collecting-")
        .tempdir_in(above)
        .map_err(ResultsError::io(above))?;
    // One level down, so that the folder gets the permissions of any new one.
    let records = place.path().join("experiment");
    fs::create_dir(&records).map_err(ResultsError::io(&records))?;
    let text = toml::to_string_pretty(description)
        .map_err(|error| ResultsError::malformed(experiment, error))?;
    write(&records.join(DESCRIPTION), &text)?;
    Copying { runs, records }.copy(&found.content)?;
    if experiment.exists() {
        fs::remove_dir_all(experiment).map_err(ResultsError::io(experiment))?;
    }
    let records = place.path().join("experiment");
    fs::rename(&records, experiment).map_err(ResultsError::io(experiment))?;
    Experiment::read(experiment)
}

/// From folder to folder, paths being the same in both.
struct Copying<'a> {
    runs: &'a Path,
    records: PathBuf,
}

impl Copying<'_> {
    fn copy(&self, content: &Content) -> Result<(), ResultsError> {
        match content {
            Content::Runs(groups) => {
                for group in groups {
                    for run in &group.runs {
                        let folder = Path::new(&run.path);
                        self.file(&folder.join(SUMMARY))?;
                        self.config(folder)?;
                    }
                    for one in &group.cross_validations {
                        self.file(&Path::new(&one.path).join(cross_validation::SCORES))?;
                    }
                }
                Ok(())
            }
            Content::Ablation(report) => {
                self.file(Path::new(ABLATION))?;
                // The report says what the variants change in it.
                let baseline = (report.variants.iter()).find(|variant| variant.name == BASELINE);
                match baseline.and_then(|variant| variant.runs.first()) {
                    Some(run) => {
                        self.config(&Path::new(BASELINE).join(format!("seed-{}", run.seed)))
                    }
                    None => Ok(()),
                }
            }
            Content::Search => [TRIALS, "table.md", "plot.svg"]
                .iter()
                .try_for_each(|name| self.file(Path::new(name))),
        }
    }

    fn file(&self, path: &Path) -> Result<(), ResultsError> {
        let from = self.runs.join(path);
        let text = match fs::read_to_string(&from) {
            // No plot is drawn of a search with one trial.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text.map_err(ResultsError::io(&from))?,
        };
        self.write(path, &text)
    }

    /// The configuration of a run, in which files have no folder of this machine.
    fn config(&self, folder: &Path) -> Result<(), ResultsError> {
        let path = folder.join(CONFIG);
        let from = self.runs.join(folder);
        let run = RunFolder::at(&from);
        if !run.has_config() {
            return Ok(());
        }
        let mut config: toml::Value = run.read_config()?;
        shorten_paths(&mut config);
        let text = toml::to_string_pretty(&config)
            .map_err(|error| ResultsError::malformed(&from.join(CONFIG), error))?;
        self.write(&path, &text)
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), ResultsError> {
        let to = self.records.join(path);
        let folder = to.parent().unwrap_or(&self.records);
        fs::create_dir_all(folder).map_err(ResultsError::io(folder))?;
        write(&to, text)
    }
}

fn write(path: &Path, text: &str) -> Result<(), ResultsError> {
    whole_file::write(path, text.as_bytes()).map_err(ResultsError::io(path))
}

/// Leaves of absolute paths the file and the folder that it is in.
fn shorten_paths(value: &mut toml::Value) {
    match value {
        toml::Value::String(text) if Path::new(text).is_absolute() => {
            let parts: Vec<_> = Path::new(text)
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect();
            *text = parts[parts.len().saturating_sub(2)..].join("/");
        }
        toml::Value::Array(values) => values.iter_mut().for_each(shorten_paths),
        toml::Value::Table(table) => {
            let values = table.iter_mut();
            values.for_each(|(_, value)| shorten_paths(value));
        }
        _ => {}
    }
}
