"""Cuts a stack in two at every place, marks the parts as GoNB does, and prints where runner.py says that it points; see split_test.go."""

import json
import re
import sys
import tempfile
from types import SimpleNamespace

sys.path.insert(0, sys.argv[1])
from failures import place  # noqa: E402

CODE = [
    SimpleNamespace(source="func other(of []int) int {\n\treturn of[3]\n}\n\nfunc third(of []int) int {\n\treturn of[3]\n}"),
    SimpleNamespace(source="%%\nfmt.Println(third(nil))"),
]
PROGRAM = """package main

func other(of []int) int {
	return of[3]
}

func third(of []int) int {
	return of[3]
}

func main() {
	fmt.Println(third(nil))
}
"""
LINES = {4: (1, 2), 8: (1, 6), 12: (2, 2)}  # of the program, to cell and line

found = set()
with tempfile.TemporaryDirectory() as folder:
    path = folder + "/main.go"
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    stack = (
        "panic: runtime error: index out of range [3] with length 0\n\ngoroutine 1 [running]:\n"
        f"main.third(...)\n\t{path}:8\nmain.main()\n\t{path}:12 +0x1d\nexit status 2\n"
    )

    def marked(match):
        cell, line = LINES.get(int(match[1]), (2, 1))
        return f" \x1b[7m[[ Cell [{cell}] Line {line} ]]\x1b[0m {match[0]}"

    for cut in range(len(stack) + 1):
        parts = [re.sub(re.escape(path) + r":(\d+)", marked, part) for part in (stack[:cut], stack[cut:])]
        found.add(place(SimpleNamespace(traceback=""), parts, 2, CODE))
print(json.dumps(sorted(found)))
