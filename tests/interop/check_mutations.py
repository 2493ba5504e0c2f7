"""Changes one byte in each member of each vector, and checks that each such vector fails.

This is done twice: with the checksum that was there, and with one that fits the changed vector, so
that nothing but the computation of the key can notice.
"""

import copy
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import idempotency

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors" / "v1.json"

COMPUTED = ["canonical", "canonical_hex", "key", "short", "uuid"]
MEMBERS = ["name", "body", "exclude", "sets", *COMPUTED, "checksum"]


def main():
    file = json.loads(VECTORS.read_text(encoding="utf-8"))
    choose = random.Random(1).randrange
    file["vectors"] = [
        mutation
        for vector in file["vectors"]
        for mutations in (with_old_checksum(vector, choose), with_new_checksum(vector))
        for mutation in mutations
    ]
    file["refused"] = [
        mutation for refused in file["refused"] for mutation in with_old_checksum(refused, choose)
    ]
    count = len(file["vectors"]) + len(file["refused"])
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "mutated.json"
        path.write_text(json.dumps(file), encoding="utf-8")
        noticed = [notices(*check, path, count) for check in CHECKS]
    print(f"{sum(noticed)} passed, {len(noticed) - sum(noticed)} failed")
    return 0 if all(noticed) else 1


def with_old_checksum(vector, choose):
    """A byte anywhere, once for each member."""
    for member in MEMBERS:
        value = vector.get(member)
        if not value:
            continue
        if isinstance(value, str):
            yield {**vector, member: changed(value, choose(len(value)))}
        else:
            first, *others = value
            yield {**vector, member: [changed(first, choose(len(first))), *others]}


def with_new_checksum(vector):
    """A byte that changes what is computed, or what it is compared with."""
    for member in ["body", *COMPUTED]:
        value = vector.get(member)
        if value:
            yield sealed({**vector, member: changed(value, len(value) - 1)})
    operation = vector["scope"]["operation"]
    if operation:
        yield sealed(with_scope(vector, operation=changed(operation, 0)))
    for index, field in enumerate(vector["scope"]["fields"]):
        for member, text in field.items():
            fields = copy.deepcopy(vector["scope"]["fields"])
            fields[index][member] = changed(text, 0)
            yield sealed(with_scope(vector, fields=fields))


def changed(text, at):
    """The text with another character in this place."""
    return text[:at] + ("1" if text[at : at + 1] == "0" else "0") + text[at + 1 :]


def with_scope(vector, **changes):
    return {**vector, "scope": {**vector["scope"], **changes}}


def sealed(vector):
    """The vector with a checksum that fits."""
    checksum = idempotency.idempotency_key(json.dumps(vector), exclude=["/checksum"])
    return {**vector, "checksum": checksum}


def in_python(path):
    return [sys.executable, HERE / "check_vectors.py", path], {}


def in_javascript(path):
    return ["node", HERE / "check_vectors.mjs", path], {}


def in_rust(path):
    test = ["cargo", "test", "-q", "-p", "agentidemp-tests", "--test", "vectors"]
    return test + ["no_key_has_changed"], {"AGENTIDEMP_VECTORS": str(path)}


CHECKS = [
    ("Python", in_python, "\n0 passed, {} failed"),
    ("JavaScript", in_javascript, "\n0 passed, {} failed"),
    ("Rust", in_rust, "\n{} vectors changed. This breaks stored keys"),
]


def notices(language, command, expected, path, count):
    """Whether a check fails, for all vectors."""
    arguments, variables = command(path)
    environment = {**os.environ, **variables}
    run = subprocess.run(arguments, cwd=HERE, env=environment, capture_output=True, text=True)
    noticed = run.returncode != 0 and expected.format(count) in run.stdout + run.stderr
    print(f"{language}: {'all' if noticed else 'NOT all'} of {count} changed vectors fail")
    if not noticed:
        print((run.stdout + run.stderr)[-2000:])
    return noticed


if __name__ == "__main__":
    sys.exit(main())
