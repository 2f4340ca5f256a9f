"""What a study would be made of: a page to act on, before anything is measured."""
