"""Questions over several models: read only, answered in frozen dataclasses from which a template cannot query."""
