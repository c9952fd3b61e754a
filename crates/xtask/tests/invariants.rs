//! Holds the invariants of `ARCHITECTURE.md` that neither the compiler nor a lint can hold.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All Rust files below a folder of the workspace, build scripts and tests included.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                if path
                    .file_name()
                    .is_some_and(|name| name != "target" && name != "node_modules")
                {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// Lines of code in `text` up to the unit tests, comments left out, that hold one of `words` as a whole word.
fn lines_with<'a>(text: &'a str, words: &[&str]) -> Vec<&'a str> {
    let is_word = |line: &str, word: &str| {
        let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        line.match_indices(word).any(|(at, _)| {
            outside(line[..at].chars().next_back())
                && outside(line[at + word.len()..].chars().next())
        })
    };
    text.lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter(|line| words.iter().any(|word| is_word(line, word)))
        .collect()
}

#[test]
fn only_kernels_holds_unsafe_code() {
    for file in rust_files("crates").into_iter().chain(rust_files("web")) {
        if file.starts_with(root().join("crates/kernels"))
            || file.ends_with("xtask/tests/invariants.rs")
        {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a readable source file");
        let found = lines_with(&text, &["unsafe", "allow(unsafe_code)"]);
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
    assert!(read("Cargo.toml").contains("unsafe_code = \"deny\""));
}

#[test]
fn the_portable_crates_do_no_input_or_output() {
    let words = [
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "println",
        "eprintln",
        "web_sys",
    ];
    for package in [
        "document",
        "formats",
        "corpus",
        "segmentation",
        "kernels",
        "model",
        "engine",
    ] {
        for file in rust_files(&format!("crates/{package}/src")) {
            if file.ends_with("tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&file).expect("a readable source file");
            let found = lines_with(&text, &words);
            assert!(found.is_empty(), "{}: {found:?}", file.display());
        }
    }
}

#[test]
fn the_page_builds_on_no_tensor_code() {
    // The page's own module stays small; the model lives in the worker's.
    for package in [
        "web",
        "crates/annotator",
        "crates/protocol",
        "crates/document",
    ] {
        let manifest = read(&format!("{package}/Cargo.toml"));
        for tensors in [
            "candle-core",
            "candle-nn",
            "spanarc-model",
            "spanarc-engine",
            "spanarc-kernels",
        ] {
            assert!(
                !manifest.lines().any(|line| line.starts_with(tensors)),
                "{package} depends on {tensors}"
            );
        }
    }
}

#[test]
fn the_annotator_listens_through_its_hook() {
    let attributes = [
        "onblur",
        "onchange",
        "onclick",
        "onfocus",
        "onfocusin",
        "onfocusout",
        "oninput",
        "onkeydown",
        "onkeyup",
        "onpointerdown",
        "onpointerleave",
        "onpointermove",
        "onpointerover",
        "onpointerup",
        "onscroll",
        "onsubmit",
    ];
    for file in rust_files("crates/annotator/src") {
        let text = fs::read_to_string(&file).expect("a readable source file");
        let found = lines_with(&text, &attributes);
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
}

#[test]
fn every_crate_takes_the_shared_lints() {
    let crates = entries(&root().join("crates"));
    let manifests = crates
        .iter()
        .filter_map(|folder| folder.file_name())
        .map(|name| format!("crates/{}/Cargo.toml", name.display()))
        .chain(["web/Cargo.toml".to_owned()]);
    for manifest in manifests {
        assert!(
            read(&manifest).contains("[lints]\nworkspace = true"),
            "{manifest}"
        );
    }
}

#[test]
fn the_versions_of_the_tools_agree_wherever_they_are_written() {
    let trunk = read("trunk.toml");
    assert!(trunk.contains("trunk-version = \"=0.21.14\""));
    assert!(read("crates/xtask/src/setup/trunk.rs").contains("version: \"0.21.14\""));

    assert!(read("Cargo.toml").contains("wasm-bindgen = \"=0.2.130\""));
    assert!(trunk.contains("wasm_bindgen = \"0.2.130\""));
    assert!(read("crates/xtask/src/setup/wasm_bindgen.rs").contains("version: \"0.2.130\""));

    assert!(trunk.contains("wasm_opt = \"version_132\""));
    assert!(read("crates/xtask/src/setup/binaryen.rs").contains("const VERSION: &str = \"132\""));
    assert!(read("crates/xtask/npm/package.json").contains("\"binaryen\": \"132.0.0\""));
}

#[test]
fn trunk_finds_its_settings_under_the_name_that_it_looks_for() {
    assert_eq!(read(".trunk.toml"), read("trunk.toml"));
}

#[test]
fn lock_files_of_npm_name_no_registry() {
    for lock in [
        "crates/xtask/npm/package-lock.json",
        "samples/package-lock.json",
        "tests/browser/package-lock.json",
        "tests/tools/w3c/package-lock.json",
        "web/package/package-lock.json",
    ] {
        // Members of a workspace are resolved to their folders.
        let text = read(lock);
        let resolved = text.lines().filter(|line| line.contains("\"resolved\""));
        assert!(
            !resolved.into_iter().any(|line| line.contains("://")),
            "{lock}"
        );
    }
}

#[test]
fn the_page_may_connect_to_its_own_origin_only() {
    let page = read("web/index.html");
    let (_, rest) = page
        .split_once("http-equiv=\"Content-Security-Policy\"")
        .expect("the page has a Content-Security-Policy");
    let policy = rest.split('"').nth(1).expect("the policy has a content");
    let directives: Vec<&str> = policy.split(';').map(str::trim).collect();
    assert!(directives.contains(&"default-src 'none'"), "{policy}");
    assert!(directives.contains(&"connect-src 'self'"), "{policy}");
    assert!(directives.contains(&"form-action 'none'"), "{policy}");
    // Nothing but keywords, and the schemes of what the page makes itself: no other host.
    for source in directives
        .iter()
        .flat_map(|directive| directive.split_whitespace().skip(1))
    {
        let own = source.starts_with('\'') || ["blob:", "data:"].contains(&source);
        assert!(
            own && source != "'unsafe-inline'" && source != "'unsafe-eval'",
            "{policy}"
        );
    }
}
