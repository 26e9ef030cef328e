"""What the service says of rows and files that are not as they should be: the sentences, and how they are filled in."""
