"""What a browser does with the container's JupyterLab, run inside the container: `client.py TOKEN NOTEBOOK`.

Asks without the token, then opens a notebook, runs its cells in the Go kernel over a websocket, and saves it. Prints the
seconds of the first cell that computes and of all.
"""

import asyncio
import json
import sys
import time
import urllib.error
import urllib.request
import uuid

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

SERVER = "127.0.0.1:8888"
TOKEN, NOTEBOOK = sys.argv[1:]


def call(method, path, body=None, token=TOKEN):
    request = urllib.request.Request(f"http://{SERVER}{path}", method=method, data=None if body is None else json.dumps(body).encode())
    if token:
        request.add_header("Authorization", f"token {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def refused(token):
    try:
        call("GET", "/api/kernelspecs", token=token)
    except urllib.error.HTTPError as error:
        return error.code == 403
    return False


async def execute(socket, code):
    """Runs a cell and returns its outputs; a failing cell ends the program."""
    message = uuid.uuid4().hex
    header = {"msg_id": message, "msg_type": "execute_request", "username": "", "session": message, "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
    await socket.write_message(json.dumps(
        {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}))
    outputs = []
    while True:
        answer = json.loads(await asyncio.wait_for(socket.read_message(), 300))
        if answer["parent_header"].get("msg_id") != message:
            continue
        kind, content = answer["header"]["msg_type"], answer["content"]
        if kind in ("execute_result", "display_data"):
            outputs.append({"output_type": "display_data", "data": content["data"], "metadata": content.get("metadata", {})})
        if kind == "stream":
            outputs.append({"output_type": "stream", "name": content["name"], "text": content["text"]})
        if kind == "error" or kind == "execute_reply" and content["status"] != "ok":
            sys.exit(f"cell failed:\n{code}\n{json.dumps(content)[:2000]}")
        if kind == "status" and content["execution_state"] == "idle":
            return outputs


async def main():
    if not (refused("") and refused("wrong")):
        sys.exit("the server answers without the right token")
    if "gonb" not in call("GET", "/api/kernelspecs")["kernelspecs"]:
        sys.exit("there is no Go kernel")
    opened = call("GET", f"/api/contents/{NOTEBOOK}")
    notebook = opened["content"]
    kernel = call("POST", "/api/kernels", {"name": "gonb", "path": NOTEBOOK})
    socket = await websocket_connect(HTTPRequest(
        f"ws://{SERVER}/api/kernels/{kernel['id']}/channels", headers={"Authorization": f"token {TOKEN}"}), max_message_size=1 << 28)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    begin, times = time.time(), []
    for cell in cells:
        started = time.time()
        cell["outputs"] = await execute(socket, "".join(cell["source"]))
        cell["execution_count"] = None
        times.append(time.time() - started)
    call("PUT", f"/api/contents/{NOTEBOOK}", {"type": "notebook", "format": "json", "content": notebook})
    shown = [seconds for cell, seconds in zip(cells, times) if cell["outputs"]]  # a cell that only declares is not run
    print(json.dumps({"cells": len(cells), "shown": len(shown), "first": round(shown[0], 1), "all": round(time.time() - begin, 1)}))


asyncio.run(main())
