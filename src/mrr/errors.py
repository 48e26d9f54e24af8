"""Every error that a user can meet; the message names the place, the remedy says what to do."""


class MrrError(Exception):
    """Base of all expected errors. `exit_code` is the command line's (1 a check failed, 2 wrong use, 3 no book)."""

    exit_code: int = 1
    remedy: str = ""

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class WrongUse(MrrError):
    """The call itself is wrong: an unknown value, a missing argument, two that exclude each other."""

    exit_code = 2


class PolicyError(WrongUse):
    """A policy file does not say what a policy can say; the message names the key and the allowed values."""


class BookError(MrrError):
    """The book cannot be opened: it is not there, not a book, from a newer version, or not writable."""

    exit_code = 3


class DecodeError(MrrError):
    """A body that a decoder cannot read. `path` is the field, `reason` what is wrong with it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


class ImportFileError(MrrError):
    """A file offered for import cannot be read at all; nothing of it after the named place was appended."""


class AuditFailed(MrrError):
    """An audit of the build returned rows: the ledger was not published."""


class SignatureError(MrrError):
    """A delivery that is not signed by a secret we know, or whose signature is too old to be a first delivery."""

    remedy = "Compare the signing secret of this endpoint with the one in mrr.toml, and the clocks of both machines."
