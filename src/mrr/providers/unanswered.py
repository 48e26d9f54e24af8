"""The error of a provider that was asked and did not answer, or not to the end."""

from mrr.errors import MrrError


class Unanswered(MrrError):
    """A provider did not answer, or not to the end: timeout, refusal, half a page. Nothing of it was taken in."""

    remedy = "Nothing was compared and nothing was imported. Try again, or give an export of the list as a file."
