"""Use in the clinic: zones, what they save and miss, and what could make that wrong."""
