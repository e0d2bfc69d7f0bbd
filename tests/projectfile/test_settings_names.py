"""A setting may be written with a dot or an underscore; anything else is one fault."""

import pytest

from playnote.errors import ProjectFileError
from playnote.projectfile.read import parse_project

BASE = '[project]\nname = "x"\n[objective]\noptimize = "dev/error"\ndirection = "minimize"\n[settings]\n'


@pytest.mark.parametrize("line", ["adoption_alpha = 0.01", '"adoption.alpha" = 0.01', "adoption.alpha = 0.01"])
def test_a_setting_is_found_however_its_name_is_written(line, tmp_path):
    assert parse_project((BASE + line).encode(), tmp_path).settings["adoption.alpha"] == 0.01


def test_a_setting_that_does_not_exist_is_one_fault_at_its_place(tmp_path):
    with pytest.raises(ProjectFileError) as fault:
        parse_project((BASE + "adoption_alfa = 0.01").encode(), tmp_path)
    assert [detail.path for detail in fault.value.details] == ["settings.adoption_alfa"]
