"""The names of the environment variables that say where the settings are; for every part that must not load the settings yet."""

PREFIX = "PATROONWACHT_"
CONFIG_FILE = f"{PREFIX}CONFIG"
CONFIG_DIR = f"{PREFIX}CONFIG_DIR"
