"""Drives a hub with further clients of other makers. Prints one JSON line with what each of them saw."""
import json
import sys
import warnings

import stix2
from cytaxii2.cytaxii2 import cytaxii2
from taxii2client.v21 import Collection

warnings.simplefilter("ignore")
url, user, password, collection_id = sys.argv[1:5]
seen = {}

# Cyware's client: discovery, roots, collections, polls by next, sends what it is given as a body.
cyware = cytaxii2(f"{url}/taxii2/", user, password)
assert cyware.discovery_request()["response"]["default"] == "/main/"
# It takes the API root as an absolute address only, so it is told, as its users do with other servers.
cyware.api_root = f"{url}/main/"
assert cyware.root_discovery()["status"], cyware.root_discovery()
assert cyware.collection_request()["response"]["collections"], "no collections"
assert cyware.collection_data_request(collection_id)["response"]["id"] == collection_id
ids, following = [], None
while True:
    answer = cyware.poll_request(collection_id, limit=13, next=following)
    assert answer["status"], answer
    ids += [o["id"] for o in answer["response"].get("objects", [])]
    following = answer["response"].get("next")
    if not answer["response"].get("more"):
        break
seen["cyware"] = ids
one = {"type": "indicator", "spec_version": "2.1", "id": "indicator--2ed8caa7-a708-4706-b651-f1186ede6ca2", "created": "2026-01-01T00:00:00.000Z",
       "modified": "2026-01-01T00:00:00.000Z", "pattern": "[url:value = 'http://cyware.example/']", "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}
# It posts what its users have: a bundle.
sent = cyware.inbox_request(collection_id, json.dumps({"type": "bundle", "id": "bundle--2ed8caa7-a708-4706-b651-f1186ede6ca3", "objects": [one]}))
assert sent["status_code"] == 202 and sent["response"]["success_count"] == 1, sent
assert [o["id"] for o in cyware.poll_request(collection_id, object_id=one["id"])["response"]["objects"]] == [one["id"]]

# python-stix2's data source and sink over TAXII.
collection = Collection(f"{url}/main/collections/{collection_id}/", user=user, password=password)
source = stix2.TAXIICollectionSource(collection, allow_custom=True)
seen["stix2"] = [str(o["id"]) for o in source.query([stix2.Filter("type", "=", "malware")])]
assert source.get(one["id"]).pattern == one["pattern"]
two = stix2.Indicator(pattern="[url:value = 'http://stix2.example/']", pattern_type="stix")
stix2.TAXIICollectionSink(collection).add(two)
assert source.get(two.id).pattern == two.pattern
print(json.dumps(seen))
