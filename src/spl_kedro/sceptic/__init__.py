"""What a sceptic would ask of a fitted study."""
