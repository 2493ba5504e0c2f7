"""Compares the keys of agentidemp::compat with those of agentidemp-py 0.1.0: check_published.py FILE

FILE is what the example published_keys prints: random inputs and their keys, a JSON object a line.
"""

import json
import pathlib
import sys
import uuid

import agentidemp


def main(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    inputs = [json.loads(line) for line in lines if line]
    failed = not_text = 0
    for given in inputs:
        expected = dict(given["keys"])
        if not is_text(given):
            # The package decodes the content, where the crate takes any bytes.
            not_text += 1
            expected["uuid_v5"] = None
        published = published_keys(given)
        if published != expected:
            failed += 1
            print(f"{given}: published is {published}")
    if uuid.NAMESPACE_DNS != agentidemp.NAMESPACE_ANTHROPIC:
        failed += 1
        print("NAMESPACE_ANTHROPIC is not the DNS namespace")
    print(f"{not_text} contents are not UTF-8, of which the package gives no UUID")
    print(f"{len(inputs) - failed} passed, {failed} failed")
    return 0 if len(inputs) >= 1000 and failed == 0 else 1


def published_keys(given):
    content = bytes(given["content"])
    parts = [bytes(part) for part in given["parts"]]
    return {
        "sha256_hex": agentidemp.sha256_hex(content),
        "scoped_sha256_hex": agentidemp.scoped_sha256_hex(given["scope"], content),
        "scoped_key": agentidemp.scoped_key(given["scope"], *parts),
        "uuid_v5": published_uuid(uuid.UUID(given["namespace"]), content),
    }


def published_uuid(namespace, content):
    try:
        return agentidemp.uuid5_key(namespace, content)
    except UnicodeDecodeError:
        return None


def is_text(given):
    try:
        bytes(given["content"]).decode()
        return True
    except UnicodeDecodeError:
        return False


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
