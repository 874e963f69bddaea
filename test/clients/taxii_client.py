"""Drives a hub with the OASIS client and checks what comes out with the OASIS libraries. Prints one JSON line."""
import json
import sys
import warnings

import stix2
from stix2patterns.validator import run_validator
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

warnings.simplefilter("ignore")
url, user, password, collection_id, expected_count = sys.argv[1:6]
server = Server(url + "/taxii2/", user=user, password=password)
root = server.default
assert root.title and "application/taxii+json;version=2.1" in root.versions, root.versions
collections = {c.id: c for c in root.collections}
collection = collections[collection_id]
assert collection.can_read and collection.can_write

# Push, and wait for the status as the client does.
indicator = {
    "type": "indicator", "spec_version": "2.1", "id": "indicator--1ed8caa7-a708-4706-b651-f1186ede6ca1",
    "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
    "pattern": "[url:value = 'http://pushed.example/']", "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z",
}
newer = dict(indicator, modified="2026-01-02T00:00:00.000Z")
status = collection.add_objects({"objects": [indicator, newer, {"type": "indicator", "id": "indicator--x"}]})
assert (status.status, status.success_count, status.failure_count) == ("complete", 2, 1), vars(status)
assert root.get_status(status.id).success_count == 2

# Everything, page by page, by objects and by manifest; the client changes the limit on its own.
objects = [o for page in as_pages(collection.get_objects, per_request=7) for o in page.get("objects", [])]
manifest = [o for page in as_pages(collection.get_manifest, per_request=7) for o in page.get("objects", [])]
assert len(objects) == len({o["id"] for o in objects}) == len(manifest), (len(objects), len(manifest))
assert [o["id"] for o in objects] == [m["id"] for m in manifest]
assert len(objects) >= int(expected_count), len(objects)

# Poll on from the last date added; nothing is new.
last = manifest[-1]["date_added"]
assert collection.get_objects(added_after=last) == {"more": False}
assert [o["modified"] for o in collection.get_object(indicator["id"])["objects"]] == [newer["modified"]]
assert collection.object_versions(indicator["id"])["versions"] == [indicator["modified"], newer["modified"]]
assert [o["modified"] for o in collection.get_objects(id=indicator["id"], version="first")["objects"]] == [indicator["modified"]]
assert {o["type"] for o in collection.get_objects(type="indicator")["objects"]} == {"indicator"}
collection.delete_object(indicator["id"])
assert "objects" not in collection.get_objects(id=indicator["id"])

# The oracles: every object parses, every pattern is valid to the reference grammar.
for o in objects:
    stix2.parse(o, allow_custom=True)
patterns = [o["pattern"] for o in objects if o["type"] == "indicator"]
bad = [p for p in patterns if run_validator(p, stix_version="2.1")]
assert not bad, bad[:3]

# Objects in force have an API root of their own, with the same collection, and every client pages through them alike.
current = ApiRoot(url + "/main/current/", user=user, password=password)
in_force = {c.id: c for c in current.collections}[collection_id]
assert in_force.can_read and not in_force.can_write
revoked = dict(newer, id="indicator--1ed8caa7-a708-4706-b651-f1186ede6ca2", revoked=True)
ended = dict(newer, id="indicator--1ed8caa7-a708-4706-b651-f1186ede6ca3", valid_until="2026-01-03T00:00:00Z")
lasting = dict(newer, id="indicator--1ed8caa7-a708-4706-b651-f1186ede6ca4", valid_until="2099-01-01T00:00:00Z")
assert collection.add_objects({"objects": [revoked, ended, lasting]}).success_count == 3
active = [o for page in as_pages(in_force.get_objects, per_request=7) for o in page.get("objects", [])]
listed = [o["id"] for page in as_pages(in_force.get_manifest, per_request=7) for o in page.get("objects", [])]
assert [o["id"] for o in active] == listed and len(listed) == len(set(listed)), (len(active), len(listed))
assert lasting["id"] in listed and revoked["id"] not in listed and ended["id"] not in listed
assert {o["id"] for o in active} <= {o["id"] for o in objects} | {lasting["id"]}
assert in_force.get_object(lasting["id"])["objects"][0]["modified"] == lasting["modified"]
alone = Collection(f"{url}/main/current/collections/{collection_id}/", user=user, password=password)
assert len(alone.get_objects(type="indicator", limit=5)["objects"]) == min(5, len([o for o in active if o["type"] == "indicator"]))

# A collection by its address alone, as many tools are set up.
again = Collection(f"{url}/main/collections/{collection_id}/", user=user, password=password)
assert again.title == collection.title
print(json.dumps({"objects": len(objects), "patterns": len(patterns), "active": len(active), "titles": sorted(c.title for c in ApiRoot(url + "/main/", user=user, password=password).collections)}))
