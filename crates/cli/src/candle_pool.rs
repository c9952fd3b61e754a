//! Keeps Candle's own pool of threads out of the way.

/// Begins this program anew in the same process with `CANDLE_NUM_THREADS=1`, where the variable is unset.
///
/// The threads of that pool spin while they wait, which costs a training a third of its speed on two cores, and Candle takes their
/// number from the environment alone. A process cannot safely change its own environment once threads may read it; a program that
/// begins can be given another. Where the system cannot do that, or refuses, the program goes on as it is.
pub(crate) fn switch_off() {
    #[cfg(unix)]
    {
        use std::{env, os::unix::process::CommandExt as _, process::Command};

        const THREADS: &str = "CANDLE_NUM_THREADS";
        if env::var_os(THREADS).is_some() {
            return;
        }
        let mut arguments = env::args_os();
        let name = arguments.next();
        let program = env::current_exe().ok().filter(|program| {
            // Not a loader that was given this program, nor a file that is gone: a failure leaves signals changed.
            let name = program.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("spanarc") && program.is_file()
        });
        if let (Some(name), Some(program)) = (name, program) {
            // Comes back only with an error.
            let _ = Command::new(program)
                .arg0(name)
                .args(arguments)
                .env(THREADS, "1")
                .exec();
        }
    }
}
