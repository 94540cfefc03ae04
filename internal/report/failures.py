"""Says how and where a cell of a notebook has failed, for runner.py: also those that GoNB calls a success."""

import re
import shlex
import time

from nbclient.exceptions import CellTimeoutError, DeadKernelError

ANSI = re.compile(r"\x1b\[[0-9;]*m")

# What GoNB says, as a whole, of a magic that it does not know, in a cell that succeeds.
UNKNOWN = re.compile(r'"%(\S+)" unknown or not implemented yet\.')

# GoNB says where in the notebook's cells a compiler's error is, and marks the lines of a stack.
COMPILED = re.compile(r"^Cell\[(\d+)\]: Line (\d+)$", re.MULTILINE)
FRAME = re.compile(r"^[ \t]*(?:\x1b\[7m\[\[ Cell \[(\d+)\] Line (\d+) \]\]\x1b\[0m )?(/.*/main(?:_test)?\.go):(\d+)", re.MULTILINE)
PANIC = re.compile(r"^(?:panic: |fatal error: )", re.MULTILINE)


def told(error, client, started):
    """The telling line of a failed cell."""
    if client.flooded():
        return "it was ended, since it had printed more than 1 GB"
    if isinstance(error, CellTimeoutError) or time.monotonic() - started >= client.timeout:
        return "no end after the time limit"
    if isinstance(error, DeadKernelError):
        return "the kernel died"
    compiler = re.search(r"^\S+\.go:\d+:\d+: (.*)", error.evalue, re.MULTILINE)
    if compiler:
        return compiler.group(1).strip()
    said = "".join(client.arrived) + "\n" if client.cut() else ""
    said = ANSI.sub("", said + error.traceback.split("-" * 18 + "\n", 2)[-1])  # nbclient puts the cell's source before it
    lines = [line.strip() for line in said.splitlines() if line.strip(" -")]
    for pattern in (r"^panic: ", r"--- FAIL", r"(?i)error|fatal"):
        for line in lines:
            if re.search(pattern, line):
                return line
    return lines[-1] if lines else error.evalue.strip() or "failed"


def place(error, arrived, number, code):
    """Where in the cells of code the failure of the cell with that number is. arrived is what it wrote to stderr, in its parts."""
    compiled = getattr(error, "traceback", "").rsplit("-" * 18 + "\n", 1)[-1]  # without what the cell has printed
    found = COMPILED.search(ANSI.sub("", compiled))
    cell, line = (int(found[1]), int(found[2])) if found else framed(arrived, number, code)
    if not cell:
        return ""
    return f" (line {line})" if cell == number else f" (cell {cell}, line {line})"


def framed(arrived, number, code):
    """The cell and line of the first line of a stack that is in the cells' program.

    GoNB marks each part of a stack as it arrives, and so not, or with another line's mark, what arrives in two parts.
    """
    text = "".join(arrived)
    panics = list(PANIC.finditer(text))
    found = FRAME.search(text, panics[-1].start() if panics else 0)
    if not found:
        return None, None
    split, at = False, 0
    for part in arrived:
        at += len(part)
        split = split or found.start(3) < at < found.end(4)
    if found[1] and not split:
        return int(found[1]), int(found[2])
    return sourced(found[3], int(found[4]), number, code)


def bare(line):
    """A line without its spaces, which gofmt changes."""
    return "".join(line.split())


def sourced(path, at, number, code):
    """The cell and line that a line of the program is from: of the same text, in the function of the same first line."""
    try:
        with open(path, encoding="utf-8") as file:
            program = [bare(line) for line in file]
        wanted = program[at - 1]
    except (OSError, IndexError):
        return None, None
    head = next((line for line in reversed(program[:at]) if line.startswith("func")), "")
    for cell in range(number, 0, -1):
        lines = [bare(line) for line in code[cell - 1].source.splitlines()]
        begin = lines.index(head) if head in lines else 0
        if wanted in lines[begin:] and (head in lines or head == "funcmain(){"):
            return cell, lines.index(wanted, begin) + 1
    return None, None


def noting(source, record):
    """The source of a cell, whose lines for a shell note in the file record that they fail, which GoNB calls success."""
    note = f"code=$?; [ $code = 0 ] || echo $code >> {shlex.quote(record)}; exit $code"
    lines = source.split("\n")
    first = lines[0].removeprefix("//gonb:").split(" ", 1)
    if first[0] in ("%%bash", "%%sh", "%%script"):  # the rest of the cell is its standard input
        quoted = ('"$@"; ' + note).replace("\\", "\\\\").replace('"', '\\"')
        words = " ".join(first[1:]) if first[0] == "%%script" else first[0][2:]
        return "\n".join([f'%%script /bin/bash -c "{quoted}" script {words}'] + lines[1:])
    if first[0] in ("%%writefile", "%%gx"):
        return source
    at = 0
    while at < len(lines):
        begin, words = at, lines[at].removeprefix("//gonb:")
        while words[:1] in ("!", "%") and words.endswith("\\") and at + 1 < len(lines):
            at += 1
            words = words[:-1] + " " + lines[at].removeprefix("//gonb:")
            lines[at] = ""
        if words[:1] == "!" and words[1:].strip(" \t*"):
            command = words[1:].lstrip(" \t")
            star = "*" if command.startswith("*") else ""
            lines[begin] = f"!{star}/bin/bash -c {shlex.quote(command.removeprefix(star))}; {note}"
        elif at > begin:
            lines[begin] = words
        at += 1
    return "\n".join(lines)


def silent_failure(client, source, record):
    """How a cell has failed that GoNB calls a success: a line for the shell, or a magic that is none."""
    with open(record, encoding="utf-8") as file:
        codes = file.read().split()
    if codes:
        status = f"exit status {codes[0]}"
        said = ANSI.sub("", "".join(client.arrived)).splitlines()
        before = [line.strip() for line in said[: said.index(status) if status in said else None] if line.strip()]
        return f"{before[-1]}: {status}" if before else status
    magics = [line.removeprefix("//gonb:")[1:].split() for line in source.splitlines() if line.removeprefix("//gonb:").startswith("%")]
    for name in client.unknown:
        if any(words[:1] == [name] for words in magics):
            return f'"%{name}" unknown or not implemented yet.'
    return None
