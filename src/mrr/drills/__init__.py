"""Drills: each failure on a scratch book under simulated load, in simulated time, watched as in production."""

from mrr.drills.plays import CONTROL, PLAYS
from mrr.drills.run import Rehearsed, drills, known

__all__ = ["CONTROL", "PLAYS", "Rehearsed", "drills", "known"]
