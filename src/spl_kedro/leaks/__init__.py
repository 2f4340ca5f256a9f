"""What in the hospital's table or its files gives the label away, looked for before any fit."""
