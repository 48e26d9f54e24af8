"""Tests of what leaves a book: tables, files, databases, reports, and the pages that tell of them."""
