"""The command line: parse the words, ask the book, render the answer."""
