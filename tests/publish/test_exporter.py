"""A page's templates are compiled for its first visitor alone."""

import jinja2
import pytest

from cxlab.publish.exporter import Compiled, PageExporter


@pytest.fixture
def compiled(monkeypatch):
    """The templates that are compiled from here on."""
    found, compile_ = [], jinja2.Environment.compile

    def counted(self, source, name=None, *more):
        found.append(name)
        return compile_(self, source, name, *more)

    monkeypatch.setattr(PageExporter, "compiled", Compiled())
    monkeypatch.setattr(jinja2.Environment, "compile", counted)
    return found


def page(source):
    """A new visitor's exporter, as Voila makes one for each."""
    return PageExporter(raw_template=source).environment.get_template("<memory>")


def test_the_second_page_compiles_nothing(compiled):
    first, second = page("{{ title }}!"), page("{{ title }}!")
    assert len(compiled) == 1
    assert first.filename == second.filename


def test_a_changed_template_is_compiled_anew(compiled):
    page("{{ title }}!")
    page("{{ title }}?")
    assert len(compiled) == 2
