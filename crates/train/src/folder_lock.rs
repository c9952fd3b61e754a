//! One process at a time in a folder.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    sync::Arc,
};

/// The file that is locked. It stays, empty.
pub(crate) const LOCK: &str = ".lock";

/// Keeps other processes out of a folder while it lives, which is as long as the process at most.
#[derive(Debug, Clone)]
pub struct FolderLock(#[expect(dead_code, reason = "its life is its use")] Arc<File>);

/// Another process holds the lock.
#[derive(Debug)]
pub(crate) struct InUse;

impl FolderLock {
    /// None where the file system locks no files, or lets none be written.
    pub(crate) fn of(folder: &Path) -> Result<Option<Self>, InUse> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let Ok(file) = options.open(folder.join(LOCK)) else {
            return Ok(None);
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(Arc::new(file)))),
            Err(TryLockError::WouldBlock) => Err(InUse),
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }
}
