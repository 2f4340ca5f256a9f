"""A first draft of a study's configuration from a hospital's own table and folders."""
