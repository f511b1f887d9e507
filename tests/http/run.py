#!/usr/bin/env python3
"""Runs the tests in this folder and writes TAP. HTTP_TEST_SERVER names the test server.

usage: run.py [PATTERN]   only tests whose name contains PATTERN
"""

import os
import sys
import time
import unittest

SLOW_S = 2

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0
        self.broken_subtests = []

    def line(self, word, test, extra=""):
        self.number += 1
        print("%s %d - %s%s" % (word, self.number, test.id(), extra), flush=True)

    def tell(self, test, error):
        for line in self._exc_info_to_string(error, test).splitlines():
            print("# " + line)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.broken_subtests.append(subtest)
            print("# in " + str(subtest))
            self.tell(test, error)

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def stopTest(self, test):
        took_s = time.monotonic() - self.started
        if took_s > SLOW_S:
            print("# %s took %.1f s" % (test.id(), took_s), flush=True)
        if self.broken_subtests:
            self.line("not ok", test)
        self.broken_subtests = []
        super().stopTest(test)

    def addSuccess(self, test):
        if not self.broken_subtests:
            self.line("ok", test)

    def addFailure(self, test, error):
        self.line("not ok", test)
        self.tell(test, error)

    addError = addFailure

    def addSkip(self, test, reason):
        self.line("ok", test, " # SKIP " + reason)


def main():
    loader = unittest.TestLoader()
    if len(sys.argv) > 1:
        loader.testNamePatterns = ["*%s*" % sys.argv[1]]
    suite = loader.discover(os.path.dirname(os.path.abspath(__file__)), "test_*.py")
    result = TapResult()
    suite.run(result)
    print("1..%d" % result.number)


if __name__ == "__main__":
    main()
