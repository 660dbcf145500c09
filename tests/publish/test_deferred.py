"""What costs seconds to import waits until it is used, and then does what it always did."""

import subprocess
import sys

CODE = """
import sys
from cxlab.publish.deferred import defer_slow_imports
defer_slow_imports()
defer_slow_imports()
import nbformat, jsonschema
print("lark" in sys.modules)
checker = jsonschema.FormatChecker()
print([checker.conforms(text, "iri") for text in ("https://exämple.org/ü", "no iri at all", "https://example.org")])
print(type(sys.modules["rfc3987_syntax"].__file__).__name__)
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_package_comes_in_with_the_first_question_and_answers_it():
    waited, answers, place = run(CODE)
    assert waited == "False"
    assert answers == "[True, False, True]"
    assert place == "str", "the real package has taken its place again"


def test_without_the_package_nothing_stands_in_for_it():
    code = "import importlib.util as u, sys; u.find_spec = lambda _: None\n"
    code += "from cxlab.publish import deferred; deferred.find_spec = u.find_spec; deferred.defer_slow_imports()\n"
    assert run(code + "print('rfc3987_syntax' in sys.modules)") == ["False"]
