"""Tests of the journal, against real files and real processes."""
