"""Pages for readers: each view makes one call down and renders."""
