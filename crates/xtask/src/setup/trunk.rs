//! Trunk builds and serves the page.

use super::cargo_tool::CargoTool;

/// 0.22 needs a newer compiler. The features left out are TLS and the check for updates: the page is served in the
/// clear on the local machine, and Trunk downloads nothing (`offline = true` in `trunk.toml`).
pub(super) const TRUNK: CargoTool = CargoTool {
    name: "trunk",
    version: "0.21.14",
    binaries: &["trunk"],
    archive,
    install_arguments: &["--locked", "--no-default-features"],
};

fn archive() -> Option<String> {
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "x86_64-unknown-linux-gnu",
        ("linux", "aarch64") => "aarch64-unknown-linux-gnu",
        ("macos", "x86_64") => "x86_64-apple-darwin",
        ("macos", "aarch64") => "aarch64-apple-darwin",
        _ => return None,
    };
    let version = TRUNK.version;
    Some(format!(
        "https://github.com/trunk-rs/trunk/releases/download/v{version}/trunk-{platform}.tar.gz"
    ))
}
