"""The command line: what people and programs see of a book."""
