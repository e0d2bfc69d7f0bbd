"""Callbacks inside other tools' loops: they look on, say what they see, and change nothing."""
