"""Runs one notebook and writes it as a page. Started by internal/report with

    runner.py NOTEBOOK PAGE.html TEMPLATES TIMEOUT ABOUT.json

and says on stdout, one JSON object a line, what happens: {"event": "start" | "kernel" | "cell" | "page" | "done", …}.
"""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter

from failures import UNKNOWN, noting, place, silent_failure, told

# How many characters of output a cell may have in its page, how many it may print before it is ended, since the kernel holds in memory
# what is not fetched yet, and how many of its last errors are searched for what it failed of.
MOST = 16 << 20
FLOOD = 1 << 30
LAST = 1 << 20

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


def kill(client):
    """Ends the kernel, with the programs that it compiles and runs: they are in its process group, which is not ours."""
    try:
        os.killpg(client.km.provisioner.pgid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has ended already


class Client(NotebookClient):
    """Keeps what a cell prints up to a limit, and how its errors arrived."""

    def begin(self):
        """Forgets the last cell."""
        self.streams, self.room, self.size, self.unknown = {}, MOST, 0, []
        self.arrived, self.kept = [], 0

    def output(self, outs, msg, display_id, cell_index):
        if self.flooded():
            kill(self)
        content, kind = msg["content"], msg["msg_type"]
        if kind != "stream":
            size = sum(len(data) for data in content.get("data", {}).values() if isinstance(data, str))
            self.size += size
            if size > self.room:
                return None
            self.room -= size
            return super().output(outs, msg, display_id, cell_index)
        name, text = content["name"], content["text"]
        self.size += len(text)
        if name == "stderr":
            self.keep(text)
        text = text[: self.room]
        self.room -= len(text)
        out, parts = self.streams.get(name, (None, None))
        if self.clear_before_next_output or not any(out is kept for kept in outs):  # of a stream that is new, or was cleared
            out, parts = super().output(outs, msg, display_id, cell_index), []
            self.streams[name] = out, parts
        parts.append(text)
        return out

    def keep(self, text):
        """Keeps the last errors as they arrived."""
        found = UNKNOWN.fullmatch(text)
        if found:
            self.unknown.append(found[1])
        self.arrived.append(text[-LAST:])
        self.kept += len(self.arrived[-1])
        while self.kept > LAST:
            self.kept -= len(self.arrived.pop(0))

    def flooded(self):
        """Whether the cell has printed so much that it is ended."""
        return self.size > FLOOD

    def cut(self):
        """Whether the cell has printed more than its page takes."""
        return self.size > MOST

    def finish(self, cell):
        """Gives each stream its whole text, in place of nbclient, whose way takes a time that is quadratic in it."""
        for out, parts in self.streams.values():
            out.text = "".join(parts)
            if "\r" in out.text:  # what a progress bar writes over itself
                out.text = "\n".join(line[line.rfind("\r", 0, len(line) - 1) + 1 :] for line in out.text.split("\n"))
        for i, pair in enumerate(zip(cell.outputs, cell.outputs[1:])):  # which came first is not known of two pipes
            if [out.get("name") for out in pair] == ["stderr", "stdout"]:
                cell.outputs[i : i + 2] = reversed(pair)
        if self.cut():
            note = f"\n[Cut here: this cell printed {self.size / 2**20:.0f} MB, and a page takes {MOST >> 20} MB of a cell.]\n"
            cell.outputs.append(nbformat.v4.new_output("stream", name="stderr", text=note))
        self.streams = {}


async def execute(notebook, folder, timeout):
    # All output is waited for, however long it takes after the cell's reply: nbclient by itself goes on after 4 seconds.
    client = Client(notebook, timeout=timeout, iopub_timeout=timeout, raise_on_iopub_timeout=True, kernel_name="gonb", coalesce_streams=False,
                    resources={"metadata": {"path": folder}}, shutdown_kernel="immediate")
    client.on_cell_executed = lambda cell, **_: client.finish(cell)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    say("start", cells=len(code))

    def stop():
        kill(client)
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
            await run_cell(client, cell, index, number, code)


async def run_cell(client, cell, index, number, code):
    source, started = cell.source, time.monotonic()
    client.begin()
    with tempfile.NamedTemporaryFile() as record:
        cell.source = noting(source, record.name)
        try:
            await client.async_execute_cell(cell, index, execution_count=number)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            client.finish(cell)
            cell.source = source
            raise Failed(number, told(error, client, started) + place(error, client.arrived, number, code)) from error
        cell.source = source
        complaint = silent_failure(client, source, record.name)
    if complaint:
        raise Failed(number, complaint)


def told_by(notebook):
    """What the cells say by package show: the answers, and the facts in them by name. Their cells get a class, by which the page shows them."""
    answers, facts = [], {}
    for cell in notebook.cells:
        for out in cell.get("outputs", []):
            role = out.get("metadata", {}).get("unipair")
            if role:
                facts |= out.metadata.get("facts") or {}
                cell.metadata["tags"] = ["verdict"]
            if role == "answer":
                answers.append(out["data"]["text/plain"])
    return answers, facts


def headed(notebook, number, said):
    """The notebook with its number in the title, and what it answers in a cell of its own under it."""
    first = notebook.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        return
    title, _, rest = first.source.partition("\n")
    first.source = f"# {number} · {title[2:]}"
    added = []
    if said:
        added.append(nbformat.v4.new_markdown_cell("**Answer.** " + " ".join(said), id="answer", metadata={"tags": ["answer"]}))
    if rest.strip():
        added.append(nbformat.v4.new_markdown_cell(rest.strip(), id="opening"))
    notebook.cells[1:1] = added


def convert(notebook, page, templates, resources):
    about = resources["unipair"]
    about["answers"], facts = told_by(notebook)
    about["facts"] = json.dumps(facts, ensure_ascii=False)
    headed(notebook, about["number"], about["answers"])
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
    say("page")
    convert(notebook, page, templates, {"metadata": {"name": about["title"].replace("$", "")}, "unipair": about})
    say("done", **({"cell": failed.cell, "error": str(failed)} if failed else {}))


if __name__ == "__main__":
    main(*sys.argv[1:])
