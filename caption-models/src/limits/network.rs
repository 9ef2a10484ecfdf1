//! A network namespace with nothing in it.

use rustix::io;
use rustix::thread::UnshareFlags;

/// Moves the process into an empty network namespace; without the privilege to, by way of a user namespace of its own.
pub(super) fn leave() -> io::Result<()> {
    match unshare(UnshareFlags::NEWNET) {
        Err(io::Errno::PERM) => unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNET),
        outcome => outcome,
    }
}

#[expect(
    deprecated,
    reason = "made unsafe for the flag that splits the table of open files, which is not used"
)]
fn unshare(flags: UnshareFlags) -> io::Result<()> {
    rustix::thread::unshare(flags)
}
