//! A tool's own library, driven by its check in `tests/tools`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use spanarc_formats::{Annotated, Format, Layout, Note, Noted, Reading, ReadingRules};

use crate::{
    documents::{documents, write_files},
    files::{read_file, read_two, written},
    neutral::Neutral,
};

/// A tool and a format that its library reads and writes.
pub(crate) struct Tool {
    name: &'static str,
    format: Format,
    without: &'static [&'static str],
}

impl Tool {
    pub(crate) const fn new(name: &'static str, format: Format) -> Self {
        Self {
            name,
            format,
            without: &[],
        }
    }

    /// The same, which is never asked for the documents called so: its library cannot hold them.
    pub(crate) const fn without(mut self, documents: &'static [&'static str]) -> Self {
        self.without = documents;
        self
    }

    /// Writes our documents, and compares what the tool reads with what the files say to Spanarc, which is all that the
    /// documents say where nothing was noted.
    pub(crate) fn reads_what_spanarc_writes(&self) {
        let folder = self.folder("from-spanarc");
        let mut documents = documents();
        documents.retain(|document| !self.without.contains(&document.id.as_str()));
        write_files(self.format, &documents, &folder).expect("a folder to write into");
        let expected = self.read(&folder);
        for (document, expected) in by_name(documents, self.format).iter().zip(&expected) {
            let (_, notes) = written(self.format, document.clone());
            if !notes.iter().any(is_loss) {
                let whole = Neutral::of(&expected.file, document);
                self.compare(
                    "as Spanarc reads back",
                    &[whole],
                    std::slice::from_ref(expected),
                );
            }
        }
        let found = self.check("read", &folder);
        self.compare(
            &format!("as {} reads", self.name),
            &expected,
            &Neutral::of_lines(&found),
        );
    }

    /// Lets the tool write its documents, and compares what Spanarc reads with what it says.
    pub(crate) fn writes_what_spanarc_reads(&self) {
        let folder = self.folder("from-tool");
        self.check("write", &folder);
        let lines = fs::read_to_string(folder.join("expected.jsonl")).expect("what the tool wrote");
        let mut expected = Neutral::of_lines(&lines);
        let ending = format!(".{}", self.ending());
        expected.retain(|document| document.file.ends_with(&ending));
        self.compare("as Spanarc reads", &expected, &self.read(&folder));
    }

    /// The ending of the files by which documents are called: of texts where there are such.
    fn ending(&self) -> &'static str {
        match self.format.layout() {
            Layout::Files([text, _]) => text,
            _ => self.format.ending(),
        }
    }

    /// An empty folder.
    fn folder(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(self.format.name())
            .join(self.name)
            .join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder to write into");
        folder
    }

    /// What Spanarc reads of the format's files in a folder, in order of their names. Nothing may be refused.
    fn read(&self, folder: &Path) -> Vec<Neutral> {
        let entries = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path());
        let is_document = |path: &PathBuf| {
            path.extension()
                .is_some_and(|ending| ending == self.ending())
                && !path.ends_with("expected.jsonl")
        };
        let mut paths: Vec<PathBuf> = entries.filter(is_document).collect();
        paths.sort();
        paths.iter().flat_map(|path| self.read_one(path)).collect()
    }

    fn read_one(&self, path: &Path) -> Vec<Neutral> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = |path: &Path| {
            fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let Reading {
            documents, refused, ..
        } = if matches!(self.format.layout(), Layout::Files([_, _])) {
            let annotations = bytes(&path.with_extension(self.format.ending()));
            read_two(self.format, &name, &bytes(path), &annotations)
        } else {
            read_file(self.format, &name, &bytes(path), &ReadingRules::default())
        };
        let refused: Vec<_> = refused.iter().map(ToString::to_string).collect();
        assert!(
            refused.is_empty(),
            "{} wrote what Spanarc refuses: {refused:#?}",
            self.name
        );
        documents
            .iter()
            .map(|document| Neutral::of(&name, document))
            .collect()
    }

    /// Runs the tool's check on a folder; what it prints.
    fn check(&self, command: &str, folder: &Path) -> String {
        let variable = format!(
            "SPANARC_TOOL_{}",
            self.name.replace('-', "_").to_uppercase()
        );
        let program = env::var_os(&variable)
            .unwrap_or_else(|| panic!("{variable} names no program that runs the check"));
        let home = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/tools")
            .join(self.name);
        let scripts = ["check.py", "check.mjs"].map(|script| home.join(script));
        let script = scripts
            .iter()
            .find(|script| script.is_file())
            .expect("a check");
        let output = Command::new(program)
            .arg(script)
            .arg(command)
            .arg(folder)
            .output()
            .expect("a program that starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{} {command} failed: {error}",
            script.display()
        );
        String::from_utf8(output.stdout).expect("lines of UTF-8")
    }

    fn compare(&self, what: &str, expected: &[Neutral], found: &[Neutral]) {
        let files = |documents: &[Neutral]| {
            documents
                .iter()
                .map(|document| document.file.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            files(found),
            files(expected),
            "{}: the files {what}",
            self.name
        );
        assert!(!expected.is_empty(), "{}: nothing was compared", self.name);
        for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
            if let Some(difference) = expected.difference(found) {
                panic!(
                    "{}: {}, document {}, {what}: {difference}",
                    self.name,
                    expected.file,
                    index + 1
                );
            }
        }
    }
}

/// The documents in the order in which their files are read.
fn by_name(mut documents: Vec<Annotated>, format: Format) -> Vec<Annotated> {
    if matches!(format.layout(), Layout::Files(_)) {
        documents.sort_by_key(|document| format!("{}.{}", document.id, format.ending()));
    }
    documents
}

/// Whether text, a mention or a relation is not written as it was.
fn is_loss(noted: &Noted) -> bool {
    !matches!(
        noted.note,
        Note::Attribute
            | Note::SentencesJoined
            | Note::TokenCut
            | Note::Rejected
            | Note::NotAccepted
            | Note::Unannotated
    )
}
