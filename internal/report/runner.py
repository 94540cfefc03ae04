"""Runs one notebook and writes it as a page. Started by internal/report with

    runner.py NOTEBOOK PAGE.html TEMPLATES TIMEOUT ABOUT.json

and says on stdout, one JSON object a line, what happens: {"event": "start" | "kernel" | "cell" | "done", …}.
"""

import asyncio
import json
import os
import re
import signal
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter

# GoNB reports a shell line that fails, and a magic that it does not know, in the output of a cell that succeeds.
SILENT = re.compile(r"^.*\bexit status [1-9]\d*\s*$|^.*unknown or not implemented yet.*$", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*m")

# GoNB says where in the notebook's cells a panic and a compiler's error are.
PLACE = re.compile(r"\[\[ Cell \[(\d+)\] Line (\d+) \]\]|^Cell\[(\d+)\]: Line (\d+)$", re.MULTILINE)
PROGRAM = re.compile(r"(/\S+/main\.go):(\d+)")

# From notebook to notebook, and to the explorer, becomes from page to page.
LINK = re.compile(r"\]\((\d\d-[a-z0-9-]+)\.ipynb(#[^)]*)?\)")
EXPLORER = re.compile(r"\]\(\.\./reports/(explorer\.html(?:#[^)]*)?)\)")


class Failed(Exception):
    """A cell failed; the text is the line that says how."""

    def __init__(self, cell, text):
        super().__init__(text)
        self.cell = cell


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def told(error):
    """The telling line of a failed cell."""
    if isinstance(error, CellTimeoutError):
        return "no end after the time limit"
    if isinstance(error, DeadKernelError):
        return "the kernel died"
    compiler = re.search(r"^\S+\.go:\d+:\d+: (.*)", error.evalue, re.MULTILINE)
    if compiler:
        return compiler.group(1).strip()
    said = ANSI.sub("", error.traceback).split("-" * 18 + "\n", 2)[-1]  # nbclient puts the cell's source before it
    lines = [line.strip() for line in said.splitlines() if line.strip(" -")]
    for pattern in (r"^panic: ", r"--- FAIL", r"(?i)error|fatal"):
        for line in lines:
            if re.search(pattern, line):
                return line
    return lines[-1] if lines else error.evalue.strip() or "failed"


def place(error, number, code):
    """Where in the cells of code the failure of the cell with that number is."""
    text = ANSI.sub("", getattr(error, "traceback", ""))
    found = PLACE.search(text)
    if found:
        cell, line = [int(group) for group in found.groups() if group]
    else:
        cell, line = unmarked(text, code[:number])
    if not cell:
        return ""
    return f" (line {line})" if cell == number else f" (cell {cell}, line {line})"


def unmarked(text, code):
    """The last cell and line that hold the line of the program that a stack names first.

    GoNB marks a stack as it arrives, and misses a line that arrives in two parts.
    """
    found = PROGRAM.search(text)
    try:
        with open(found[1], encoding="utf-8") as file:
            wanted = file.readlines()[int(found[2]) - 1].split()
    except (TypeError, OSError, IndexError):  # no stack, or none of this program
        return None, None
    for cell in range(len(code), 0, -1):
        for line, source in enumerate(code[cell - 1].source.splitlines(), 1):
            if source.split() == wanted:
                return cell, line
    return None, None


def silent_failure(cell):
    for output in cell.outputs:
        if output.output_type == "stream":
            text = ANSI.sub("", output.text)
            found = SILENT.search(text)
            if found:
                before = text[: found.start()].strip().splitlines()  # what the shell said of it
                return f"{before[-1].strip()}: {found.group(0).strip()}" if before else found.group(0).strip()
    return None


async def execute(notebook, folder, timeout):
    client = NotebookClient(notebook, timeout=timeout, kernel_name="gonb", coalesce_streams=True,
                            resources={"metadata": {"path": folder}}, shutdown_kernel="immediate")
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    say("start", cells=len(code))

    def stop():
        # The programs that the kernel compiles and runs are in its process group, which is not ours.
        os.killpg(client.km.provisioner.pgid, signal.SIGKILL)
        os._exit(130)

    async with client.async_setup_kernel():
        say("kernel", group=client.km.provisioner.pgid)
        for number in (signal.SIGTERM, signal.SIGINT):  # in place of nbclient's handlers, which wait for the cell
            asyncio.get_running_loop().add_signal_handler(number, stop)
        info = await client.async_wait_for_reply(client.kc.kernel_info())
        notebook.metadata["language_info"] = {**info["content"]["language_info"], "pygments_lexer": "go"}
        number = 0
        for index, cell in enumerate(notebook.cells):
            if cell not in code:
                continue
            number += 1
            say("cell", cell=number)
            try:
                await client.async_execute_cell(cell, index, execution_count=number)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                raise Failed(number, told(error) + place(error, number, code)) from error
            complaint = silent_failure(cell)
            if complaint:
                raise Failed(number, complaint)


def convert(notebook, page, templates, resources):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = EXPLORER.sub(r"](\1)", LINK.sub(r"](\1.html\2)", cell.source))
    exporter = HTMLExporter(template_name="unipair", extra_template_basedirs=[templates])
    html, _ = exporter.from_notebook_node(notebook, resources=resources)
    with open(page, "w", encoding="utf-8") as file:
        file.write(html)


def main(path, page, templates, timeout, about):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with open(about, encoding="utf-8") as file:
        about = json.load(file)  # the title, and the lines of the footer
    failed = None
    try:
        asyncio.run(execute(notebook, os.path.dirname(os.path.abspath(path)), int(timeout)))
    except Failed as failure:
        failed = failure
        about |= {"failed": str(failure), "cell": failure.cell}
    convert(notebook, page, templates, {"metadata": {"name": about["title"].replace("$", "")}, "unipair": about})
    say("done", **({"cell": failed.cell, "error": str(failed)} if failed else {}))


main(*sys.argv[1:])
