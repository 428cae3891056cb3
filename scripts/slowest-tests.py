#!/usr/bin/env python3
"""Prints the ten tests that took longest, of all suites: slowest-tests.py FOLDER, where the JUnit reports of the last runs are."""
import sys
import xml.etree.ElementTree as tree
from pathlib import Path

tests = [(float(case.get("time", 0)), report.stem, case.get("classname", ""), case.get("name", ""))
         for report in Path(sys.argv[1]).glob("*.xml") for case in tree.parse(report).iter("testcase")]
print(f"The ten slowest of {len(tests):,} tests:")
for seconds, report, suite, name in sorted(tests, reverse=True)[:10]:
    print(f"{seconds:7.1f} s  {report.removesuffix('-swift-testing')}: {suite.rpartition('.')[2]} {name}")
