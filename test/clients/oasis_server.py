"""Runs the OASIS server medallion with one empty collection; prints its port when it answers. Ends when its input ends."""
import json
import os
import sys
import tempfile
import threading

from medallion import application_instance, load_app
from werkzeug.serving import make_server

collection = sys.argv[1]
server = make_server("127.0.0.1", 0, application_instance)
port = server.server_port
root = f"http://127.0.0.1:{port}/api/"
data = {
    "/discovery": {"title": "Peer", "default": root, "api_roots": [root]},
    "api": {
        "information": {"title": "Peer", "versions": ["application/taxii+json;version=2.1"], "max_content_length": 9765625},
        "status": [],
        "collections": [{"id": collection, "title": "Shared", "can_read": True, "can_write": True, "media_types": ["application/stix+json;version=2.1"], "objects": [], "manifest": []}],
    },
}
folder = tempfile.mkdtemp()
with open(f"{folder}/data.json", "w") as f:
    json.dump(data, f)
with open(f"{folder}/config.json", "w") as f:
    json.dump({
        "backend": {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": f"{folder}/data.json"},
        "users": {"hub": "a password of the hub"},
        "taxii": {"max_page_size": 20},
    }, f)
load_app(f"{folder}/config.json")
threading.Thread(target=server.serve_forever, daemon=True).start()
print(port, flush=True)
sys.stdin.read()
os._exit(0)
