//! wasm-bindgen's command-line program and its test runner.

use super::cargo_tool::CargoTool;

/// The version equals that of the `wasm-bindgen` crate in the workspace's manifest; a test holds the two together.
/// `--locked` is absent: the lock file published with this version does not build.
pub(super) const WASM_BINDGEN: CargoTool = CargoTool {
    name: "wasm-bindgen-cli",
    version: "0.2.130",
    binaries: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    archive,
    install_arguments: &["--no-default-features"],
};

fn archive() -> Option<String> {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "x86_64-unknown-linux-musl",
        ("linux", "aarch64") => "aarch64-unknown-linux-musl",
        ("macos", "x86_64") => "x86_64-apple-darwin",
        ("macos", "aarch64") => "aarch64-apple-darwin",
        _ => return None,
    };
    let version = WASM_BINDGEN.version;
    Some(format!(
        "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/{version}/wasm-bindgen-{version}-{platform}.tar.gz"
    ))
}
