"""Tests of charts: specs, pictures and drawings."""
