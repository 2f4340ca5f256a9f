"""Pictures of the report: how they are drawn, themed and written to files."""
