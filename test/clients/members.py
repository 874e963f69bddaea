"""Reads, as each of many members, all collections that it sees, with the OASIS client. Prints one JSON line: ids by member and title."""
import json
import sys
import warnings

from taxii2client.v21 import ApiRoot, as_pages

warnings.simplefilter("ignore")
url, *accounts = sys.argv[1:]
found = {}
for account in accounts:
    root = ApiRoot(url + "/main/", user=account, password=f"a password of {account}")
    found[account] = {
        c.title: sorted(o["id"] for page in as_pages(c.get_objects, per_request=100) for o in page.get("objects", []))
        for c in root.collections if c.can_read
    }
print(json.dumps(found))
