"""docs/alerts.md says of each alert what it means."""
import re

import yaml
from pages import REPOSITORY

PAGE = (REPOSITORY / "docs" / "alerts.md").read_text()
RULES = [rule for group in yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]


def test_the_page_has_every_alert_and_no_other():
    headings = re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)
    assert sorted(headings) == sorted(rule["alert"] for rule in RULES)


def test_the_page_explains_every_severity():
    assert {rule["labels"]["severity"] for rule in RULES} == set(re.findall(r"^\| (critical|warning|info) \|", PAGE, re.MULTILINE))
