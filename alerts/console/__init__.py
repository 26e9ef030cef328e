"""The console: the web pages and the JSON API, over the alerts database only."""
