"""Who people are to us: users, roles, log-in. Knows nothing of the newsroom (`news`)."""
