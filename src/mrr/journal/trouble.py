"""What can go wrong with a journal: each error names the place, its remedy says what to do."""

from mrr.errors import BookError, WrongUse


class JournalTrouble(BookError):
    """The journal store cannot be used right now; nothing of the failed call was written."""

    remedy = "Nothing was half-written. Look at the reason above, then run the command again."


class NoJournal(JournalTrouble):
    """There is no journal at the place that was named."""

    remedy = "Check the path, or create a book with `mrr init DIR`."


class NotAJournal(JournalTrouble):
    """Something is there, but no journal of mrr."""

    remedy = "Name the directory of a book; if this file was one, restore it from a backup."


class NewerJournal(JournalTrouble):
    """The journal was written by a newer version of mrr, whose tables this one does not know."""

    remedy = "Upgrade mrr to the version that wrote this book, or a later one."


class OlderJournal(JournalTrouble):
    """The journal is of an older schema and was opened read-only, so it cannot be migrated."""

    remedy = "Open the book once for writing (any command that writes, such as `mrr import`); that migrates it."


class JournalUnwritable(JournalTrouble):
    """The file or its directory cannot be opened, created or written by this user."""

    remedy = "Check that the directory exists and that this user may write to it and to the journal file."


class DiskFull(JournalTrouble):
    """The disk has no room for the batch; the batch was not written, the journal stands as before."""

    remedy = "Free some space and send the batch again; what was stored before is safe."


class JournalLocked(JournalTrouble):
    """Another process held the journal for longer than the lock timeout."""

    remedy = "Wait for the other command to end, or stop it, then try again."


class JournalDamaged(JournalTrouble):
    """What is stored is not what was written."""

    remedy = "Run `mrr verify` to see which entry is the first broken one, and restore the journal from a backup."


class JournalExists(WrongUse):
    """A journal was to be created where one stands already."""

    remedy = "Open the book that is there, or choose another directory."


class RecordRefused(WrongUse):
    """A record that no journal can keep; the whole batch was refused and nothing of it stored."""

    remedy = "Correct the record that is named and send the batch again."


class NoSuchEntry(WrongUse):
    """An entry was asked for by a seq that the journal does not have."""

    remedy = "Ask for a seq between 1 and the journal's head."
