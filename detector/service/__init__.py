"""The daemon and the commands: the one place where everything is wired together."""
