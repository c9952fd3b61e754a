//! Tests of formats against the libraries of the tools that they are of (`tests/tools`), both ways.

use anyhow::Result;

use super::{native, passed};
use crate::{process, setup};

pub(super) fn run() -> Result<usize> {
    let (tools, missing) = setup::format_tools()?;
    let mut cargo = native::tests();
    for tool in tools {
        let variable = tool.name.replace('-', "_").to_uppercase();
        cargo.env(format!("SPANARC_TOOL_{variable}"), tool.program);
    }
    cargo.args(["--test", "tools", "--", "--ignored"]);
    for tool in &missing {
        cargo.args(["--skip", &tool.name.replace('-', "_")]);
    }
    let output = process::run_and_read(&mut cargo)?;
    for tool in missing {
        eprintln!("{} was skipped: {}", tool.name, tool.reason);
    }
    Ok(passed::by_cargo(&output))
}
