"""Compiles a file of YARA rules and reads a file of Sigma rules with the real libraries. Prints their names as JSON."""
import json
import sys

import yara
from sigma.collection import SigmaCollection

yara_file, sigma_file = sys.argv[1:3]
compiled = yara.compile(filepath=yara_file, includes=False)
with open(sigma_file, encoding="utf-8") as file:
    collection = SigmaCollection.from_yaml(file.read())
matches = [match.rule for match in compiled.match(data=b"an eel in the reef")]
print(json.dumps({"rules": [rule.identifier for rule in compiled], "matches": matches, "titles": [rule.title for rule in collection.rules]}))
