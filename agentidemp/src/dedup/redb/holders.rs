//! [`Holders`]: which processes are alive. Each that opens the store locks a file of its own, and the
//! operating system unlocks it when the process ends, however it ends.

use alloc::format;
use alloc::string::{String, ToString};
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::dedup::ClaimId;
use crate::dedup::store::Holder;

/// What the name of a file begins with until it is locked.
const UNLOCKED: &str = "new-";

/// Who has locked this file creates the database. It stays, as a lock on a file that somebody removed is
/// a lock for nobody else.
const CREATION_LOCK: &str = "new-database.lock";

/// Where the database is until it is whole.
const UNFINISHED: &str = "new-database";

pub(super) struct Holders {
    directory: PathBuf,
    own_name: String,
    _own: File,
}

impl Holders {
    /// Takes part: from here on the others see that this process is alive.
    pub(super) fn join(database: &Path) -> io::Result<Self> {
        let directory = directory(database);
        fs::create_dir_all(&directory)?;
        let own_name = ClaimId::random().to_string();
        let own = lock_new_file(&directory, &own_name)?;
        let holders = Self {
            directory,
            own_name,
            _own: own,
        };
        holders.remove_the_dead()?;
        Ok(holders)
    }

    pub(super) fn own_name(&self) -> &str {
        &self.own_name
    }

    /// Whether the process of that name is alive.
    pub(super) fn life(&self, name: &str) -> io::Result<Holder> {
        if name == self.own_name {
            return Ok(Holder::Alive);
        }
        let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_plain {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a holder's name is malformed",
            ));
        }
        life_of(&self.directory.join(name))
    }

    /// Locks the creation of the database, until the file is dropped.
    pub(super) fn lock_creation(&self) -> io::Result<File> {
        let file = File::create(self.directory.join(CREATION_LOCK))?;
        file.lock()?;
        Ok(file)
    }

    /// Where the database is until it is whole, with nothing there: for who has locked its creation.
    pub(super) fn unfinished(&self) -> io::Result<PathBuf> {
        let path = self.directory.join(UNFINISHED);
        remove(&path)?;
        Ok(path)
    }

    fn remove_the_dead(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_locked_when_alive = !name.to_string_lossy().starts_with(UNLOCKED);
            if is_locked_when_alive
                && name != *self.own_name
                && life_of(&entry.path())? == Holder::Dead
            {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

impl Drop for Holders {
    fn drop(&mut self) {
        // Without its file the process is as good as dead, which it is.
        drop(remove(&self.directory.join(&self.own_name)));
    }
}

fn directory(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".holders");
    name.into()
}

/// A file gets its name when it is locked: one of that name that is not locked is a dead process'.
fn lock_new_file(directory: &Path, name: &str) -> io::Result<File> {
    let unlocked = directory.join(format!("{UNLOCKED}{name}"));
    let file = File::create_new(&unlocked)?;
    file.lock()?;
    fs::rename(&unlocked, directory.join(name))?;
    Ok(file)
}

fn life_of(path: &Path) -> io::Result<Holder> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Holder::Dead),
        Err(error) => return Err(error),
    };
    // Shared, so that two who ask at once do not take each other for a holder.
    match file.try_lock_shared() {
        Ok(()) => Ok(Holder::Dead),
        Err(TryLockError::WouldBlock) => Ok(Holder::Alive),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
