"""Compiles each text of a JSON list with YARA. Prints the error of each, or null, as JSON."""
import json
import sys

import yara


def fault(text):
    try:
        yara.compile(source=text, includes=False)
        return None
    except yara.Error as error:
        return str(error)


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps([fault(text) for text in json.load(file)]))
