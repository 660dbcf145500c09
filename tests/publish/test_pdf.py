"""PDF by Chromium: A4, page numbers, nothing asked outside; a plain sentence where there is no Chromium."""

import http.server
import re
import shutil
import threading
from typing import ClassVar

import pytest

from cxlab.cli import main
from cxlab.errors import ParameterError, ReportError
from cxlab.publish import pdf

CHROMIUM = any(map(shutil.which, pdf._NAMES))


def test_without_chromium_nothing_starts_and_the_message_is_plain(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    with pytest.raises(ParameterError, match="A PDF needs Chromium or Chrome, and none is found on the PATH"):
        pdf.chromium()
    plan = tmp_path / "reports.yml"
    plan.write_text("reports:\n- analysis: ab_test\n")
    for asked in (["run", "ab_test"], ["batch", str(plan)]):
        assert main([*asked, "--pdf", "--out", str(tmp_path / "out")]) == 2
        assert "leave out --pdf" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_browser_that_prints_nothing_is_a_failed_report(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "chromium", lambda: shutil.which("false"))
    with pytest.raises(ReportError, match="Chromium printed no PDF of page.html"):
        pdf.print_page(tmp_path / "page.html", tmp_path / "page.pdf")


def test_a_browser_that_hangs_is_stopped(monkeypatch, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(pdf, "chromium", lambda: str(slow))
    monkeypatch.setattr(pdf, "_LONGEST", 0.3)
    with pytest.raises(ReportError, match="was stopped"):
        pdf.print_page(tmp_path / "page.html", tmp_path / "page.pdf")


class _Asked(http.server.BaseHTTPRequestHandler):
    paths: ClassVar[list[str]] = []

    def do_GET(self):
        self.paths.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_a_report_is_printed_on_a4_and_asks_nothing_outside(toy_analysis, tmp_path):
    from cxlab.publish.report import job_of, make_report

    report = make_report(job_of("shares", {}), tmp_path)
    page = report.html.read_text(encoding="utf-8")
    with http.server.HTTPServer(("127.0.0.1", 0), _Asked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        outside = f"http://127.0.0.1:{server.server_port}/spy"
        probe = f'<img src="{outside}"><script>fetch("{outside}")</script></body>'
        report.html.write_text(page.replace("</body>", probe), encoding="utf-8")
        printed = pdf.print_page(report.html, tmp_path / "x.pdf").read_bytes()
        server.shutdown()
    assert _Asked.paths == [], "even this machine is not asked"
    width, height = map(float, re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", printed)[0])
    assert (round(width), round(height)) == (595, 842)
    assert "counter(page)" in page
    assert len(printed) > 20_000, "the chart is in it"
