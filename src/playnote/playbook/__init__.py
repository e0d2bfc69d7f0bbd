"""The playbook's rules: one file per section, in the playbook's order, and the engine that runs them."""

from playnote.playbook.catalog import CATALOG
from playnote.playbook.lookup import find_rules

__all__ = ["CATALOG", "find_rules"]
