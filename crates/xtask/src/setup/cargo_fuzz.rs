//! cargo-fuzz builds fuzz targets with libFuzzer and runs them.

use super::cargo_tool::CargoTool;

/// Always built here: a prebuilt one builds for the target that it was built for itself.
pub(super) const CARGO_FUZZ: CargoTool = CargoTool {
    name: "cargo-fuzz",
    version: "0.13.2",
    binaries: &["cargo-fuzz"],
    archive: || None,
    install_arguments: &["--locked"],
};
