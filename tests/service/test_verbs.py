"""The names below the table are those of the table."""

from playnote.service.operations import OPERATIONS
from playnote.service.verbs import VERBS


def test_every_verb_of_the_table_has_its_name_below_and_no_other():
    assert {operation.cli for operation in OPERATIONS} == VERBS
