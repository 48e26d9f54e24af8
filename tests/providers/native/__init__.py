"""Native facts: the decoder, its JSON Schema and its page, held against each other."""
