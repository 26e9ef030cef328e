"""What the page with the list of alerts is made from: what was chosen, and what is shown."""
