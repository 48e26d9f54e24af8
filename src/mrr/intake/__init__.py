"""Where deliveries come in: the line for the disk, and a process of its own that stands at it."""
