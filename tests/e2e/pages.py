"""What people do on the pages, in their words: submit, approve, return, reopen, answer, decide, type into the grid."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e.conftest import Visitor

Work = Callable[[], None]
PAGES = {
    "data": "/cycles/{number}/data/",
    "demand": "/demand/{number}/",
    "supply": "/supply/{number}/",
    "reconciliation": "/finance/{number}/",
    "executive": "/executive/{number}/",
}


def confirm(page: Page, fields: dict[str, str]) -> None:
    """Fill the open dialog and send it; wait until it has gone or the page is another one."""
    page.wait_for_selector("#dialog[open] button[type=submit]")
    for name, value in fields.items():
        box = page.locator(f"#dialog [name={name}]")
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    page.click("#dialog button[type=submit]")
    page.wait_for_selector("#dialog:not([open])", state="attached")
    page.wait_for_load_state("networkidle")


def open_stage(visitor: Visitor, number: str, kind: str) -> Page:
    """Open the page of a stage."""
    return visitor.open(PAGES[kind].format(number=number))


def move(visitor: Visitor, number: str, kind: str, *, verb: str, words: str) -> None:
    """Press a stage's button on its page and confirm with a comment or a reason."""
    page = open_stage(visitor, number, kind)
    page.click(f"#stage-actions a[href$='/stages/{kind}/{verb}/']")
    confirm(page, {"text": words})


def state_of(visitor: Visitor, number: str, kind: str) -> str:
    """The state of a stage as the stepper's class names it."""
    page = visitor.open(f"/cycles/{number}/")
    step = page.locator(".step", has=page.locator(f"a[href='{PAGES[kind].format(number=number)}']"))
    classes = (step.first.get_attribute("class") or "").split()
    return next(name.removeprefix("is-") for name in classes if name.startswith("is-"))


def answer_exceptions(visitor: Visitor, number: str, reason: str) -> int:
    """Answer every open exception of the demand page, one dialog each; return how many."""
    page = open_stage(visitor, number, "demand")
    page.wait_for_selector("#exceptions li")
    count = 0
    answers = page.locator("#exceptions a[hx-get]:has-text('Answer')")
    while answers.count():
        answered = answers.first.get_attribute("href")
        answers.first.click()
        confirm(page, {"reason": reason})
        page.wait_for_selector(f"#exceptions a[href='{answered}']", state="detached")
        count += 1
    return count


def decide_overloads(visitor: Visitor, number: str, reason: str) -> None:
    """Take every open overload as the plan proposes it."""
    page = open_stage(visitor, number, "supply")
    everything = page.locator("a:has-text('Decide all open')")
    if everything.count():
        everything.click()
        confirm(page, {"choice": "plan", "reason": reason})


def answer_gaps(visitor: Visitor, number: str, words: str) -> int:
    """Ask for a decision about every gap that has no answer; return how many."""
    page = open_stage(visitor, number, "reconciliation")
    count = 0
    while page.locator("#gaps a:has-text('Decide')").count():
        page.locator("#gaps a:has-text('Decide')").first.click()
        confirm(page, {"question": words})
        count += 1
    return count


def take_decisions(visitor: Visitor, number: str, choice: str, reason: str) -> None:
    """Take every open decision."""
    page = visitor.open(f"/cycles/{number}/decisions/")
    while page.locator("a:has-text('Decide')").count():
        page.locator("a:has-text('Decide')").first.click()
        confirm(page, {"choice": choice, "reason": reason})


def type_into_leaf(visitor: Visitor, number: str, value: str, reason: str) -> None:
    """Unfold the grid down to the markets, type `value` into the first month of the first one."""
    page = visitor.open(f"/demand/{number}/?show=units")
    page.wait_for_selector("#grid .tabulator-row")
    leaf = page.locator("#grid .tabulator-row:has(.fold-gap)").first
    while not leaf.count():
        page.locator("#grid .fold[aria-expanded=false]").first.click()
        page.wait_for_timeout(100)
    leaf.locator(".tabulator-cell[tabulator-field=m0]").click()
    page.keyboard.press("F2")
    page.keyboard.press("Control+A")
    page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_selector("#reason-dialog[open]")
    page.select_option("#reason-code", "Customer information")
    page.fill("#reason-words", reason)
    page.click("#reason-dialog button[type=submit]")
    page.wait_for_selector("#grid-said:has-text('saved')")
