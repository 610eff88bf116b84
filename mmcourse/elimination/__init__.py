"""Eliminate the random effects: the criterion, its derivatives and the modes."""
