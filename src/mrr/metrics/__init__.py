"""The metrics: each one SQL file whose header is its governed definition, over one frame of periods and groups."""
