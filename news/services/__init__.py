"""Verbs: the only code that writes. Each takes keywords, its actor and its clock, and raises its own words."""
