"""Pattern methods: one a file, none knows another."""
