"""Voila's scripts in one file: what pages asked for, before the main script, and nothing that no page may have."""

import pytest

from cxlab.publish.scripts import Scripts


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "static").mkdir()
    for name in ("voila.js", "1.voila.js", "22.voila.js", "secret.js"):
        (tmp_path / "static" / name).write_text(f'"use strict";/* {name} */')
    (tmp_path / "3.voila.js").write_text("/* outside */")
    return tmp_path / "static"


def test_the_first_page_gets_the_main_script_alone(folder):
    assert "/* voila.js */" in Scripts(str(folder)).text()
    assert "/* 1.voila.js */" not in Scripts(str(folder)).text()


def test_the_next_page_has_the_pieces_before_it(folder):
    scripts = Scripts(str(folder))
    for name in ("22.voila.js", "1.voila.js", "22.voila.js"):
        scripts.note(name)
    text = scripts.text()
    assert [text.count(f"/* {name} */") for name in ("1.voila.js", "22.voila.js", "voila.js")] == [1, 1, 1]
    assert text.index("/* 22.voila.js */") < text.index("/* voila.js */")
    assert text.startswith(";"), "one piece's directive is not everyone's"


@pytest.mark.parametrize("name", ["secret.js", "4.voila.js", "../3.voila.js", "1.voila.js/../secret.js", ""])
def test_nothing_else_is_taken_in(folder, name):
    scripts = Scripts(str(folder))
    before = scripts.text()
    scripts.note(name)
    assert scripts.text() == before


def test_the_first_folder_that_has_a_piece_wins(folder, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "1.voila.js").write_text("/* own */")
    scripts = Scripts(str(tmp_path / "own"), str(folder))
    scripts.note("1.voila.js")
    assert "/* own */" in scripts.text()
    assert "/* voila.js */" in scripts.text()
