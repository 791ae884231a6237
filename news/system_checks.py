"""System checks of the newsroom; see `register` calls."""
