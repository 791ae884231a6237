"""The reader's own pages below /tai-khoan/: what of the newsroom is theirs. Log-in and the like are in `accounts`."""
