//! The project's chores. `cargo xtask help` lists them.

mod bench;
mod cuda;
mod fuzz;
mod machine_paths;
mod package;
mod page;
mod paths;
mod process;
mod serve;
mod setup;
mod test;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const HELP: &str = "\
cargo xtask setup         install everything that the other chores need
cargo xtask serve         set up, build the page in release mode and serve it at http://127.0.0.1:8080
cargo xtask test          set up and run every test: native, WebAssembly, browser, samples, formats
cargo xtask test STAGE    run one stage only: native, wasm, browser, samples or formats
cargo xtask fuzz          set up and fuzz the readers of formats, ten minutes a target
cargo xtask fuzz SECONDS  the same, for as many seconds a target
cargo xtask package       set up, build the page and make the npm package, target/npm/spanarc-VERSION.tgz
cargo xtask cuda          build the command spanarc for NVIDIA GPUs, with a toolkit of our own where there is none
cargo xtask bench typing  set up and time keys in the page beside those in a bare textarea
cargo xtask bench browser set up and time sentences and keys in a browser, beside onnxruntime-web and Candle's Q8_0
cargo xtask bench native  set up and time sentences on the machine itself, beside ONNX Runtime
cargo xtask bench profile set up and tell where the time of a sentence goes; all three write docs/performance.md
cargo xtask screenshots   set up and write docs/screenshots/{light,dark}.png";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match chore(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without the stack traces that `RUST_BACKTRACE` would add: they tell nothing about a failed command.
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn chore(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["setup"] => setup::everything(),
        ["serve"] => serve::serve(),
        ["test"] => test::all(),
        ["test", stage] => test::one(stage),
        ["fuzz"] => fuzz::run(600),
        ["fuzz", seconds] => fuzz::run(
            seconds
                .parse()
                .with_context(|| format!("{seconds} is no number of seconds"))?,
        ),
        ["package"] => package::make_and_measure(),
        ["cuda"] => cuda::build(),
        ["bench", "browser"] => bench::browser(),
        ["bench", "native"] => bench::native(),
        ["bench", "profile"] => bench::profile(),
        ["bench", "typing"] => page::typing_speed(),
        ["screenshots"] => page::screenshots(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("unknown chore: {}\n\n{HELP}", other.join(" ")),
    }
}
