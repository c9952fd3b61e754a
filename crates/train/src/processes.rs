//! Several processes of a program side by side: how a study runs its trainings.
//!
//! A process of its own for each training keeps their threads and memory apart, and one that fails takes nothing along.
//!
//! No process outlives the one that started it, however that one ends: each holds a pipe as its standard input, to which
//! nothing is ever written, and ends itself when the pipe closes (see [`end_with_starter`]), as the system sees to when
//! the starter is interrupted, killed or crashes. What is written whole (see [`whole_file`](crate::whole_file)) is
//! therefore whole afterwards too, and a run goes on from its last checkpoint.

use std::{
    collections::HashMap,
    env,
    ffi::OsString,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::{ChildStdin, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

/// Set for processes whose standard input is the pipe described above.
const TIED: &str = "SPANARC_ENDS_WITH_STDIN";

/// As shells number the end by an interrupt.
const INTERRUPTED: i32 = 130;

/// SIGINT, the same number on every Unix.
#[cfg(unix)]
const SIGINT: i32 = 2;

/// To be called first in `main` of a program that [`Processes`] starts. Elsewhere it does nothing.
pub fn end_with_starter() {
    if env::var_os(TIED).is_some() {
        thread::spawn(|| {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            std::process::exit(INTERRUPTED);
        });
    }
}

/// What one process is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Arguments of the program.
    pub arguments: Vec<OsString>,
    /// What it prints is appended here; the file's folder must be there.
    pub log: PathBuf,
}

/// How a job ended: well, or with the message of its error.
pub type Ending = Result<(), String>;

/// Errors that end all jobs.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The program could not be started, or its log not be written.
    #[error("{}: {doing}: {source}", path.display())]
    Io {
        /// Program or file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// A job was interrupted (Ctrl-C), which means all of them.
    #[error("interrupted; go on with --resume")]
    Interrupted,
}

/// How jobs are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Processes {
    /// The program.
    pub program: PathBuf,
    /// Processes side by side, at least 1.
    pub at_once: usize,
    /// Threads of each process.
    pub threads: usize,
}

impl Processes {
    /// Processes of the running program itself. Without `threads` they share the machine's cores evenly.
    pub fn of_this_program(
        at_once: NonZeroUsize,
        threads: Option<NonZeroUsize>,
    ) -> Result<Self, ProcessError> {
        let program = env::current_exe()
            .map_err(|source| io_error(Path::new("spanarc"), "finding this program", source))?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let share = (cores / at_once).max(1);
        Ok(Self {
            program,
            at_once: at_once.get(),
            threads: threads.map_or(share, NonZeroUsize::get),
        })
    }

    /// Runs all jobs in their order, and tells `ended` of each in the order in which they end, by its index.
    ///
    /// A job that fails does not end the others; an error of `ended`, or one of [`ProcessError`], does.
    pub fn run<E: From<ProcessError>>(
        &self,
        jobs: &[Job],
        mut ended: impl FnMut(usize, Ending) -> Result<(), E>,
    ) -> Result<(), E> {
        let pipes = Pipes::default();
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            let start = |(index, job)| {
                let (sender, pipes) = (sender.clone(), &pipes);
                scope.spawn(move || sender.send((index, self.one(job, pipes))));
            };
            let mut waiting = jobs.iter().enumerate();
            waiting.by_ref().take(self.at_once.max(1)).for_each(start);
            let mut endings = receiver.iter().take(jobs.len());
            let outcome = endings.try_for_each(|(index, ending)| {
                ended(index, ending?)?;
                waiting.next().into_iter().for_each(start);
                Ok(())
            });
            // After an error those that still run are to end too.
            pipes.close();
            outcome
        })
    }

    fn one(&self, job: &Job, pipes: &Pipes) -> Result<Ending, ProcessError> {
        let opening = |source| io_error(&job.log, "opening the log", source);
        let log = File::options()
            .create(true)
            .append(true)
            .open(&job.log)
            .map_err(opening)?;
        let before = log.metadata().map_err(opening)?.len();
        let starting = |source| io_error(&self.program, "starting", source);
        let mut child = Command::new(&self.program)
            .args(&job.arguments)
            .env(TIED, "1")
            .env("RAYON_NUM_THREADS", self.threads.to_string())
            .env("CANDLE_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(opening)?)
            .stderr(log)
            .spawn()
            .map_err(starting)?;
        // Taken out, since waiting would close it.
        let id = child.id();
        if let Some(pipe) = child.stdin.take() {
            pipes.hold(id, pipe);
        }
        let status = child.wait().map_err(starting)?;
        pipes.release(id);
        if status.success() {
            return Ok(Ok(()));
        }
        if interrupted(status) {
            return Err(ProcessError::Interrupted);
        }
        Ok(Err(message(&job.log, before, status)))
    }
}

/// The standard inputs of the processes that run, by process id; none once all are to end.
struct Pipes(Mutex<Option<HashMap<u32, ChildStdin>>>);

impl Default for Pipes {
    fn default() -> Self {
        Self(Mutex::new(Some(HashMap::new())))
    }
}

impl Pipes {
    fn hold(&self, id: u32, pipe: ChildStdin) {
        // Once all are closed the pipe is dropped here, and with it the process.
        if let Some(pipes) = self.lock().as_mut() {
            pipes.insert(id, pipe);
        }
    }

    fn release(&self, id: u32) {
        if let Some(pipes) = self.lock().as_mut() {
            pipes.remove(&id);
        }
    }

    fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<u32, ChildStdin>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn interrupted(status: ExitStatus) -> bool {
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGINT) {
        return true;
    }
    status.code() == Some(INTERRUPTED)
}

/// The error that the process printed since `before` bytes of its log, or how it ended and what it printed last.
fn message(log: &Path, before: u64, status: ExitStatus) -> String {
    let printed = printed_since(log, before).unwrap_or_default();
    let mut lines = printed.lines().rev().map(str::trim);
    let last = lines.clone().find(|line| !line.is_empty());
    match (lines.find_map(|line| line.strip_prefix("error: ")), last) {
        (Some(error), _) => error.to_owned(),
        (None, Some(last)) => format!("{status}: {last}"),
        (None, None) => status.to_string(),
    }
}

/// The end of it, should it be long.
fn printed_since(log: &Path, before: u64) -> io::Result<String> {
    const MOST: u64 = 1 << 16;
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(before.max(length.saturating_sub(MOST))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn io_error(path: &Path, doing: &'static str, source: io::Error) -> ProcessError {
    ProcessError::Io {
        path: path.to_owned(),
        doing,
        source,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use tempfile::{TempDir, tempdir};

    use super::*;

    /// A shell's processes, in a folder of their own.
    struct Place(TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempdir().unwrap())
        }

        fn jobs(&self, scripts: &[&str]) -> Vec<Job> {
            let folder = self.0.path().display();
            scripts
                .iter()
                .enumerate()
                .map(|(index, script)| Job {
                    arguments: vec!["-c".into(), format!("cd '{folder}'; {script}").into()],
                    log: self.0.path().join(format!("{index}.log")),
                })
                .collect()
        }

        fn run(&self, at_once: usize, scripts: &[&str]) -> Vec<Ending> {
            let mut endings = vec![Ok(()); scripts.len()];
            shells(at_once)
                .run::<ProcessError>(&self.jobs(scripts), |index, ending| {
                    endings[index] = ending;
                    Ok(())
                })
                .unwrap();
            endings
        }

        fn text(&self, name: &str) -> String {
            fs::read_to_string(self.0.path().join(name)).unwrap()
        }
    }

    fn shells(at_once: usize) -> Processes {
        Processes {
            program: "sh".into(),
            at_once,
            threads: 3,
        }
    }

    #[test]
    fn a_job_that_fails_is_told_with_its_error_and_ends_no_other() {
        let place = Place::new();
        let endings = place.run(
            2,
            &[
                "echo fine; touch a",
                "echo some; echo 'error: no such corpus' >&2; exit 1",
                "echo 'thread panicked'; exit 101",
                "kill -9 $$",
                "touch b",
            ],
        );
        assert_eq!(endings[0], Ok(()));
        assert_eq!(endings[1], Err("no such corpus".into()));
        assert_eq!(
            endings[2],
            Err("exit status: 101: thread panicked".to_owned())
        );
        let killed = endings[3].clone().unwrap_err();
        assert!(killed.contains("signal: 9"), "{killed}");
        assert_eq!(endings[4], Ok(()));
        assert_eq!(place.text("0.log"), "fine\n");
        assert!(place.0.path().join("b").exists());
    }

    #[test]
    fn an_error_of_an_earlier_process_in_the_same_log_is_not_told_again() {
        let place = Place::new();
        fs::write(place.0.path().join("0.log"), "error: of yesterday\n").unwrap();
        let endings = place.run(1, &["exit 3"]);
        assert_eq!(endings, [Err("exit status: 3".to_owned())]);
        assert_eq!(place.text("0.log"), "error: of yesterday\n");
    }

    #[test]
    fn no_more_run_at_once_than_asked_for() {
        let place = Place::new();
        let script = "touch running-$$; ls | grep -c running > seen-$$; sleep 0.05; rm running-$$";
        place.run(2, &[script; 6]);
        let most = fs::read_dir(place.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("seen"))
            .map(|name| place.text(&name).trim().parse::<usize>().unwrap())
            .max();
        assert!(most == Some(2), "{most:?}");
    }

    #[test]
    fn each_process_is_told_its_threads() {
        let place = Place::new();
        place.run(1, &["echo $RAYON_NUM_THREADS $CANDLE_NUM_THREADS"]);
        assert_eq!(place.text("0.log"), "3 1\n");
    }

    #[test]
    fn when_one_cannot_be_recorded_the_others_end_by_their_standard_input() {
        let place = Place::new();
        // `cat` would wait for ever.
        let jobs = place.jobs(&["sleep 0.1", "cat; touch ended", "touch never"]);
        let result = shells(2).run(&jobs, |_, _| Err(ProcessError::Interrupted));
        assert!(matches!(result, Err(ProcessError::Interrupted)));
        assert!(place.0.path().join("ended").exists());
        assert!(!place.0.path().join("never").exists());
    }

    #[test]
    fn an_interrupted_job_means_all() {
        let place = Place::new();
        // Not the signal itself: a shell that was started with it ignored, as those in the background are, never gets it.
        let jobs = place.jobs(&["exit 130", "touch never"]);
        let result = shells(1).run::<ProcessError>(&jobs, |_, _| Ok(()));
        assert!(matches!(result, Err(ProcessError::Interrupted)));
        assert!(!place.0.path().join("never").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_process_that_the_signal_ended_was_interrupted() {
        let ended = |signal| std::os::unix::process::ExitStatusExt::from_raw(signal);
        assert!(interrupted(ended(SIGINT)));
        assert!(!interrupted(ended(9)));
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let place = Place::new();
        let processes = Processes {
            program: "no-such-program".into(),
            ..shells(1)
        };
        let error = processes
            .run::<ProcessError>(&place.jobs(&["true"]), |_, _| Ok(()))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("no-such-program: starting: "), "{error}");
    }

    #[test]
    fn processes_share_the_cores() {
        let number = |number| NonZeroUsize::new(number).unwrap();
        let many = Processes::of_this_program(number(1000), None).unwrap();
        assert_eq!((many.at_once, many.threads), (1000, 1));
        let told = Processes::of_this_program(number(1000), Some(number(2))).unwrap();
        assert_eq!(told.threads, 2);
    }
}
