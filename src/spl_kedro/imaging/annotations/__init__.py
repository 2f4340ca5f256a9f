"""Outlines as programs for drawing them store them: shapes, segments and structures."""
