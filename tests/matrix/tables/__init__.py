"""Kinds of tables, each the study of its own of one hospital's patients."""
