"""What watches a book, and what is done about it."""
