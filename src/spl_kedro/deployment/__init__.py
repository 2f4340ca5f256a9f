"""The fitted study as something that travels: a file, and what scores patients with it."""
