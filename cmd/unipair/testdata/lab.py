"""What a browser asks of `unipair lab`: `lab.py SERVER TOKEN NOTEBOOK`.

Runs the notebook's cells in its kernel over a websocket, asks for completions, and prints what came as one JSON object.
"""

import asyncio
import json
import sys
import urllib.error
import urllib.request
import uuid

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

SERVER, TOKEN, NOTEBOOK = sys.argv[1:]


def call(method, path, body=None, token=TOKEN):
    request = urllib.request.Request(f"http://{SERVER}{path}", method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or "null")


def status_with(token):
    try:
        call("GET", "/api/contents", token=token)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


async def ask(socket, kind, **content):
    """Sends a message to the kernel and returns its reply, and what it showed meanwhile."""
    message = uuid.uuid4().hex
    header = {"msg_id": message, "msg_type": kind + "_request", "username": "", "session": message, "version": "5.3"}
    await socket.write_message(json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}))
    reply, shown, idle = None, [], False
    while reply is None or not idle:
        answer = json.loads(await asyncio.wait_for(socket.read_message(), 300))
        if answer["parent_header"].get("msg_id") != message:
            continue
        name = answer["header"]["msg_type"]
        if name == kind + "_reply":
            reply = answer["content"]
        elif name == "status":
            idle = answer["content"]["execution_state"] == "idle"
        elif name in ("display_data", "execute_result"):
            shown += list(answer["content"]["data"])
    return reply, shown


async def main():
    kernel = call("POST", "/api/kernels", {"name": "gonb", "path": NOTEBOOK})
    socket = await websocket_connect(HTTPRequest(
        f"ws://{SERVER}/api/kernels/{kernel['id']}/channels", headers={"Authorization": f"token {TOKEN}"}), max_message_size=1 << 28)
    shown = []
    for cell in call("GET", f"/api/contents/{NOTEBOOK}")["content"]["cells"]:
        if cell["cell_type"] != "code":
            continue
        reply, outputs = await ask(socket, "execute", code="".join(cell["source"]), silent=False, store_history=True,
                                   user_expressions={}, allow_stdin=False, stop_on_error=True)
        if reply["status"] != "ok":
            sys.exit(f"a cell failed: {json.dumps(reply)[:2000]}")
        shown += outputs
    code = 'import "github.com/unipair/unipair/pkg/losses"\n\n%%\nfmt.Println(losses.DefaultCir)'
    for _ in range(20):  # gopls may still be reading the modules
        reply, _ = await ask(socket, "complete", code=code, cursor_pos=len(code) - 1)
        if reply.get("matches"):
            break
        await asyncio.sleep(1)
    print(json.dumps({"no_token": status_with(""), "wrong_token": status_with("wrong"), "shown": shown, "matches": reply.get("matches", [])}))


asyncio.run(main())
