"""Texts that a spreadsheet would take for a formula, written so that it takes them for texts."""

import pyarrow as pa
import pyarrow.compute as pc

# What begins so is calculated by the one program or the other, once a CSV file is opened in it.
_FORMULA = r"^[=+\-@\t\r\n]"


def harmless(table: pa.Table) -> pa.Table:
    """The table with an apostrophe before each text that a program may run; amounts and days are no texts."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            texts = table.column(place)
            quoted = pc.binary_join_element_wise("'", texts, "")
            table = table.set_column(place, field, pc.if_else(pc.match_substring_regex(texts, _FORMULA), quoted, texts))
    return table
