"""Reads the folder of a MISP feed with PyMISP. Prints what PyMISP finds in it and what its generator makes of it, as JSON."""
import json
import pathlib
import shutil
import sys
import tempfile

from pymisp import MISPEvent
from pymisp.tools import AttributeValidationTool
from pymisp.tools.feed import feed_meta_generator

folder = pathlib.Path(sys.argv[1])
refused = []
unknown = []
events = {}
manifests = {}
with tempfile.TemporaryDirectory() as copy:
    for path in sorted(folder.glob("*-*-*-*-*.json")):
        event = MISPEvent(strict_validation=True)
        event.load_file(str(path))
        described = event.describe_types
        for attribute in event.attributes:
            if attribute.type not in described["category_type_mappings"].get(attribute.category, []):
                unknown.append([attribute.type, attribute.category])
            value = AttributeValidationTool.modifyBeforeValidation(attribute.type, attribute.value)
            answer = AttributeValidationTool.validate(attribute.type, value)
            if answer is not True or value != attribute.value:
                refused.append([attribute.type, attribute.value, value, answer])
        events[event.uuid] = {
            "info": event.info,
            "tags": [tag.name for tag in event.tags],
            "values": sorted(f"{a.type} {a.value}" for a in event.attributes if not a.get("deleted")),
        }
        shutil.copy(path, copy)
    feed_meta_generator(pathlib.Path(copy))
    manifests = json.loads((pathlib.Path(copy) / "manifest.json").read_text())
    hashes = (pathlib.Path(copy) / "hashes.csv").read_text().splitlines()
print(json.dumps({"refused": refused, "unknown": unknown, "events": events, "manifest": manifests, "hashes": sorted(hashes)}))
