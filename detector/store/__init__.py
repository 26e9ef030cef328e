"""Tables, migrations, reports and runs of the detecting side."""
