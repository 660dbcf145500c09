"""What changed between two runs of a report: estimates beyond noise, checks, reading, settings, data."""

import json

import pytest

from cxlab.cli import main
from cxlab.errors import ParameterError
from cxlab.publish.diff import compare_results, compare_runs
from cxlab.publish.difftext import diff_json, diff_text
from cxlab.publish.rows import rows_by_key
from tests.publish.made import made_reports


def row(segment, rate, half=0.02, **more):
    return {
        "segment": segment,
        "step": 5,
        "n": 900,
        "rate": rate,
        "ci_low": rate - half,
        "ci_high": rate + half,
        **more,
    }


def run(*rows, fingerprint="aaa", first="2026-01-01", last="2026-01-31", **changed):
    return {
        "analysis": "journey_funnel", "status": "ok", "headline": "h", "confidence": 0.95, "badge": "",
        "decision": None, "parameters": {"within": "7D"}, "checks": [], "tables": {"table": list(rows)},
        "versions": {"cxlab": "0.1.0"}, "data": {"rows": 900, "fingerprint": fingerprint, "from": first, "to": last},
        **changed,
    }  # fmt: skip


LATER = {"fingerprint": "bbb", "first": "2026-02-01", "last": "2026-02-28"}


def test_the_same_run_twice_is_no_change():
    found = compare_results(run(row("all", 0.1)), run(row("all", 0.1)))
    assert not found.changed
    assert "the data is the same, and nothing differs" in diff_text(found)


def test_on_the_same_data_any_other_number_is_a_change_of_code_or_settings():
    found = compare_results(run(row("all", 0.1)), run(row("all", 0.1001), parameters={"within": "3D"}))
    assert found.changed
    assert [move.beyond_noise for move in found.moves] == [True]
    text = diff_text(found)
    assert "comes from other code, versions or settings, not from noise" in text
    assert "within: 7D, now 3D" in text
    assert not compare_results(run(row("all", 0.1)), run(row("all", 0.1 + 1e-13))).changed, "rounding is no change"


def test_on_other_data_noise_is_no_change_and_more_than_noise_is():
    before = run(row("all", 0.10), row("web", 0.10), row("app", 0.30))
    after = run(row("all", 0.12), row("web", 0.20), row("app", 0.30), **LATER)
    found = compare_results(before, after)
    assert [move.row["segment"] for move in found.beyond] == ["web"]
    assert found.changed
    assert not found.overlap
    text = diff_text(found)
    assert "1 of 3 estimates changed by more than noise" in text
    assert "segment web, step 5: rate 0.1000, now 0.2000 (change 0.1000, 0.0717 to 0.1283; p <0.001)" in text
    assert "corrected for 3 comparisons (Holm)" in text


def test_many_comparisons_need_more():
    one = compare_results(run(row("all", 0.1)), run(row("all", 0.13), **LATER))
    rows = [row(f"s{i}", 0.1) for i in range(20)]
    many = compare_results(run(row("all", 0.1), *rows), run(row("all", 0.13), *rows, **LATER))
    assert one.changed
    assert not many.changed


def test_shared_periods_are_told():
    found = compare_results(run(row("all", 0.1)), run(row("all", 0.1), fingerprint="b", first="2026-01-15"))
    assert found.overlap
    assert "may share customers; then changes are found too seldom" in diff_text(found)


def test_checks_and_reading_that_changed_are_a_change():
    check = {"name": "sample_ratio", "passed": True, "severity": "info", "message": "Even."}
    bad = {**check, "passed": False, "severity": "failure", "message": "Uneven."}
    before = run(checks=[check, {**check, "name": "ties"}], decision={"verdict": "ship"})
    after = run(checks=[bad, {**check, "name": "new"}], decision={"verdict": "broken"}, **LATER)
    found = compare_results(before, after)
    assert found.checks == ("sample_ratio: passed, now failure. Uneven.",), "a passed check that comes or goes is none"
    assert found.verdict == ("ship", "broken")
    assert found.changed


def test_hidden_rows_and_rows_of_one_run_are_not_compared():
    hidden = {**row("small", 0.5), "rate": None, "ci_low": None, "ci_high": None}
    found = compare_results(run(row("small", 0.1), row("old", 0.1)), run(hidden, row("fresh", 0.1), **LATER))
    assert found.moves == ()
    assert found.gone == ("table: segment old, step 5",)
    assert found.new == ("table: segment fresh, step 5",)


def test_rows_are_told_apart_by_what_names_them():
    quantiles = [{"segment": "all", "share": share, "estimate": share * 10} for share in (0.25, 0.5)]
    assert len(rows_by_key(quantiles)) == 2
    assert rows_by_key([{"n": 1}, {"n": 1}]) is None
    assert rows_by_key([]) == {}


def test_real_reports_compare_with_themselves_row_by_row():
    for path in sorted(made_reports().glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        if result.get("status") == "ok" and "tables" in result:
            found = compare_runs(path, path)
            assert not found.changed
            assert found.gone == ()
            assert found.moves or result["analysis"] == "plan_ab_test"  # a plan has no estimate with an interval


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_the_command_says_it_as_text_as_json_and_by_its_code(tmp_path, capsys):
    before = write(tmp_path / "a.json", run(row("all", 0.1)))
    after = write(tmp_path / "b.json", run(row("all", 0.2), **LATER))
    assert main(["diff", before, after]) == 0
    assert main(["diff", before, before, "--fail-on-change"]) == 0
    capsys.readouterr()
    assert main(["diff", before, after, "--json", "--fail-on-change"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["changed"] is True
    assert found["moves"][0]["beyond_noise"] is True


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON"), ([1], "is no report"), ({"a": 1}, "is no report"),
        (run(status="failed", headline="No column."), "failed, so there is nothing to compare: No column."),
        (run(analysis="ab_test"), "reports of different analyses"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(tmp_path, capsys, content, message):
    sound = write(tmp_path / "a.json", run())
    assert main(["diff", sound, write(tmp_path / "b.json", content)]) == 2
    assert message in capsys.readouterr().err
    with pytest.raises(ParameterError, match="cannot be read: No such file"):
        compare_runs(tmp_path / "none.json", tmp_path / "none.json")


def test_the_json_has_everything():
    found = json.loads(diff_json(compare_results(run(row("all", 0.1)), run(row("all", 0.2), **LATER))))
    assert {"changed", "analysis", "confidence", "same_data", "moves", "checks", "parameters", "versions"} <= set(found)
