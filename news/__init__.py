"""The newsroom: what the desk writes, what readers see, and the ledger between them. See README.md beside this file."""
