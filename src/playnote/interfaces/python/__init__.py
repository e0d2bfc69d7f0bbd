"""Playnote as a library: the same operations and the same gates as in every other interface."""
