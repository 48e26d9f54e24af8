"""Getting it out: any answer as a file or as a table of a database, with its definition beside it."""

from mrr.export.database import knows_decimals, to_database
from mrr.export.files import BARE, FORMATS, TEXTS, as_text, to_file
from mrr.export.place import ExportError, Written, format_of, is_database, save
from mrr.export.reports import RATES, changes, subscribers_by_month, summary

__all__ = [
    "BARE",
    "FORMATS",
    "RATES",
    "TEXTS",
    "ExportError",
    "Written",
    "as_text",
    "changes",
    "format_of",
    "is_database",
    "knows_decimals",
    "save",
    "subscribers_by_month",
    "summary",
    "to_database",
    "to_file",
]
