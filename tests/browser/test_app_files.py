"""Files to take along, links to hand on, and a visitor's own table: all in the page, none over an address."""

import csv
import gzip
import io
import json
import zlib

import pytest

from tests.browser.serving import until

pytestmark = pytest.mark.browser
DRAWN = ".cx-chart[data-drawn=done] svg"
LOG = b"customer_id,timestamp,action\n" + b"".join(
    b"%d,2026-01-%02d,%s\n" % (who, 1 + day, step)
    for who in range(120)
    for day, step in enumerate((b"view", b"add", b"<img src=x onerror=alert(1)>")[: 1 + who % 3])
)


def taken(page, label):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label, exact=True).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def test_tables_result_page_and_pictures_are_what_is_shown(visit, app, reports, tmp_path):
    one = visit()
    page = one.open(f"{app}voila/render/cohort_retention.ipynb?period=week", DRAWN)
    page.locator(".cx-downloads summary").click()
    name, text = taken(page, "Main table (CSV)")
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    record = json.loads(taken(page, "Result (JSON)")[1])
    assert name == "cohort_retention-table.csv"
    assert [row["cohort"] for row in rows] == [row["cohort"] for row in record["tables"]["table"]]
    assert record["parameters"]["period"] == "week"
    assert record["headline"] in page.locator(".cx-verdict").inner_text()
    names = page.locator(".cx-figure").evaluate_all("all => all.map((one) => one.dataset.picture)")
    for picture in names:
        words = picture.replace("_", " ")
        assert taken(page, f"Picture: {words} (PNG)")[1].startswith(b"\x89PNG")
        assert b"<svg" in taken(page, f"Picture: {words} (SVG)")[1][:200]
    name, whole = taken(page, "Whole page (HTML)")
    (tmp_path / name).write_bytes(whole)
    again = visit()
    saved = again.open((tmp_path / name).as_uri(), DRAWN)
    for part in (".cx-verdict", ".cx-figures", ".cx-numbers"):
        assert saved.locator(part).first.text_content() == page.locator(part).first.text_content(), part
    assert "Wilson 1927" in saved.locator(".cx-about").text_content(), "the notebook's own words on the method"
    one.clean()
    again.clean()


def test_a_copied_link_restores_the_view(chromium, app):
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{app}voila/render/cohort_retention.ipynb?measure=on_or_after", wait_until="commit")
    page.locator(DRAWN).first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("cohort_retention.ipynb?measure=on_or_after")
    context.close()


def send(page, name, content):
    if not page.locator(".cx-upload[open]").count():
        page.locator(".cx-upload summary").click()
    page.get_by_label("Your table").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_own_data_are_checked_first_then_asked_and_the_sample_comes_back(visit, app):
    one = visit()
    page = one.open(f"{app}voila/render/journey_funnel.ipynb", DRAWN)
    before = page.locator(".cx-verdict").inner_text()
    send(page, "mine.csv", LOG)
    page.get_by_text("Nothing has been calculated yet").wait_for()
    assert "mine.csv" in page.locator(".cx-own h2").first.inner_text()
    assert page.locator(".cx-own").get_by_text("How each column was read").count() > 0
    assert page.get_by_role("combobox", name="Unit").input_value() == "customer_id"
    assert page.get_by_role("combobox", name="Event").input_value() == "action"
    page.get_by_role("button", name="Calculate").click()
    page.locator(DRAWN).first.wait_for()
    until(page, "document.querySelector('.cx-own') === null")
    assert "120" in page.locator(".cx-body").inner_text()
    assert page.locator(".cx-body img[src=x]").count() == 0
    assert page.evaluate("location.search") == ""
    assert not page.get_by_role("button", name="Copy link").is_visible(), "a link cannot carry the data"
    page.get_by_role("button", name="Back to the sample data").click()
    until(page, f"document.querySelector('.cx-verdict')?.innerText === {json.dumps(before)}")
    one.clean()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("mine.xlsx", b"PK\x03\x04", "no known kind"),
        ("mine.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text"),
        ("mine.parquet", b"PAR1PAR1", "no Parquet file"),
        ("mine.csv.gz", gzip.compress(LOG, mtime=0)[:-9], "no gzip file"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence_and_the_answer_stays(visit, app, name, content, sentence):
    one = visit()
    page = one.open(f"{app}voila/render/journey_funnel.ipynb", DRAWN)
    before = page.locator(".cx-verdict").inner_text()
    send(page, name, content)
    refused = page.locator(".cx-upload .cx-message")
    refused.wait_for()
    assert sentence in refused.inner_text()
    assert page.locator(".cx-verdict").inner_text() == before
    assert page.locator(".cx-body").get_attribute("aria-busy") == "false"
    one.clean()


def test_a_packed_file_that_grows_beyond_measure_is_refused(visit, app):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"0" * 5_000_000) for _ in range(110)) + packer.flush()
    page = visit().open(f"{app}voila/render/journey_funnel.ipynb", DRAWN)
    send(page, "bomb.csv.gz", bomb)
    refused = page.locator(".cx-upload .cx-message")
    refused.wait_for(timeout=90_000)
    assert "grows beyond 500 MB" in refused.inner_text()
