"""Trials made elsewhere, read as a project's state. The source is never locked and never changed."""
