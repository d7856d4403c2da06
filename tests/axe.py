"""Accessibility checks with axe-core (tests/vendor/). `assert not axe_violations(page)` in a browser test."""

from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def axe_violations(page: Any, *, within: str = "html") -> list[str]:
    """What axe finds on a Playwright page by the WCAG 2.2 A and AA rules, one readable line per finding.

    `target-size` (2.5.8) is off in axe unless asked for. No rule of these reads style sheets, so none is fetched again.
    axe is put in by the browser's debugger, so the page's content security policy stays as it is.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """([within, tags]) => axe.run(within, {
            runOnly: {type: 'tag', values: tags}, rules: {'target-size': {enabled: true}}, resultTypes: ['violations'],
            preload: {assets: ['media']},
        })""",
        [within, TAGS],
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
