"""The basis invoice and the other ledger keys that read invoices, payments and usage."""
