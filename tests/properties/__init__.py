"""The invariants of DESIGN §11 as properties."""
