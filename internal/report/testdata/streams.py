"""Gives the runner's client what kernels send, and prints what it keeps; see output_test.go."""

import json
import sys

import nbformat

sys.path.insert(0, sys.argv[1])
import runner  # noqa: E402


def kept(*messages):
    cell = nbformat.v4.new_code_cell("")
    client = runner.Client(nbformat.v4.new_notebook(cells=[cell]))
    client.begin()
    client.clear_before_next_output = False
    for name, text in messages:
        message = {"parent_header": {"msg_id": "1"}, "msg_type": "stream", "header": {"msg_type": "stream"}, "content": {"name": name, "text": text}}
        if name == "clear":
            client.clear_output(cell.outputs, message, 0)
        else:
            client.output(cell.outputs, message, None, 0)
    client.finish(cell)
    return [[out.name, out.text] for out in cell.outputs]


print(json.dumps(kept(("stderr", "1"), ("stdout", "abc"), ("stdout", "de"), ("stderr", "2"))))
print(json.dumps(kept(("stdout", "10%\r2"), ("stdout", "0%\n"), ("stdout", "a\rb\r"))))
print(json.dumps(kept(("stdout", "before"), ("clear", ""), ("stdout", "after"))))
runner.MOST = 8
print(json.dumps(kept(("stdout", "12345"), ("stdout", "67890"), ("stdout", "12345"))))
runner.FLOOD, killed = 8, []
runner.kill = killed.append
kept(("stdout", "1234567890"), ("stdout", "1"))
print(json.dumps(["killed"] * len(killed)))
