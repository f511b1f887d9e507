#!/usr/bin/env python3
"""Runs the tests in this folder against the real binary and writes TAP. MUSUBI names the binary, ROOT the repository.

usage: run_contact.py [PATTERN]   only tests whose name contains PATTERN
"""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "http"))

from run import TapResult  # noqa: E402


def main():
    loader = unittest.TestLoader()
    if len(sys.argv) > 1:
        loader.testNamePatterns = ["*%s*" % sys.argv[1]]
    result = TapResult()
    loader.discover(HERE, "test_*.py").run(result)
    print("1..%d" % result.number)


if __name__ == "__main__":
    main()
