"""The book against what others say: lists, invoices, cash, other systems, migrations."""
