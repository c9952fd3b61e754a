//! Files that appear whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// What names of files begin with that are being written.
const UNFINISHED: &str = ".writing-";

/// Writes beside the file, flushes to the disk and renames: a program that is killed, or a full disk, leaves the earlier
/// file as it was. On an error nothing is left beside it either.
///
/// An earlier file's permissions stay, and one that is read-only is refused; a new file has those that the umask leaves. Through a
/// symbolic link the file is replaced that it leads to. What is no file but a device or a pipe is written to.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = begin(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// A file that is being written: it is in its place once it is finished, and leaves nothing if it is dropped before.
#[derive(Debug)]
pub struct WholeFile(Target);

#[derive(Debug)]
enum Target {
    /// To be renamed to this path.
    Beside(NamedTempFile, PathBuf),
    /// A device or a pipe, which cannot be replaced.
    Itself(File),
}

/// Begins what is to become the file at `path`.
pub fn begin(path: &Path) -> io::Result<WholeFile> {
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let earlier = fs::metadata(&place).ok();
    if (earlier.as_ref()).is_some_and(|earlier| !earlier.is_file() && !earlier.is_dir()) {
        let file = File::options().write(true).open(&place)?;
        return Ok(WholeFile(Target::Itself(file)));
    }
    let permissions = earlier.map(|earlier| earlier.permissions());
    if (permissions.as_ref()).is_some_and(fs::Permissions::readonly) {
        let reason = "the file is read-only";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
    }
    let folder = place
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Temporary files are their owner's alone unless told otherwise.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(WholeFile(Target::Beside(file, place)))
}

impl WholeFile {
    /// Flushes the file to the disk and puts it in its place.
    pub fn finish(self) -> io::Result<()> {
        match self.0 {
            Target::Beside(file, path) => {
                file.as_file().sync_all()?;
                file.persist(path)?;
                Ok(())
            }
            Target::Itself(mut file) => file.flush(),
        }
    }

    fn file(&mut self) -> &mut File {
        match &mut self.0 {
            Target::Beside(file, _) => file.as_file_mut(),
            Target::Itself(file) => file,
        }
    }
}

impl io::Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

/// Removes from a folder, in which nobody writes now, what writing leaves when the program is killed.
pub fn remove_leftovers(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, b"earlier and longer").unwrap();
        write(&path, b"later").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"later");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_what_was_there_and_no_litter() {
        let folder = tempfile::tempdir().unwrap();
        // A folder in the way of the file stands for a disk that refuses the rename.
        let path = folder.path().join("file");
        fs::create_dir_all(path.join("in the way")).unwrap();
        assert!(write(&path, b"content").is_err());
        assert!(path.join("in the way").is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(&folder.path().join("no/folder/file"), b"content").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_has_the_permissions_of_any_and_an_earlier_one_keeps_its_own() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let [ours, other] = ["ours", "other"].map(|name| folder.path().join(name));
        let mode = |path: &Path| format!("{:o}", fs::metadata(path).unwrap().permissions().mode());
        write(&ours, b"content").unwrap();
        fs::write(&other, b"content").unwrap();
        assert_eq!(mode(&ours), mode(&other));
        fs::set_permissions(&ours, fs::Permissions::from_mode(0o600)).unwrap();
        write(&ours, b"later").unwrap();
        assert!(mode(&ours).ends_with("600"));
        fs::set_permissions(&ours, fs::Permissions::from_mode(0o444)).unwrap();
        let refused = write(&ours, b"latest").unwrap_err().to_string();
        assert_eq!(refused, "the file is read-only");
        assert_eq!(fs::read(&ours).unwrap(), b"later");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        fs::write(&file, b"earlier").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, b"later").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"later");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let null = Path::new("/dev/null");
        write(null, b"content").unwrap();
        assert!(!fs::metadata(null).unwrap().is_file());
    }
}
