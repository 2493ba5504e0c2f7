"""Changes one byte in each text of each vector, and checks that each such vector fails.

This is done twice: with the checksum that was there, and with one that fits the changed vector, so
that nothing but the computation of the key can notice.
"""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import idempotency

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parents[1] / "agentidemp" / "vectors" / "v1.json"

COMPUTED = ["canonical", "canonical_hex", "key", "short", "uuid"]


def main():
    file = json.loads(VECTORS.read_text(encoding="utf-8"))
    choose = random.Random(1).randrange
    file["vectors"] = [
        mutation
        for vector in file["vectors"]
        for mutations in (with_old_checksum(vector, choose), with_new_checksum(vector))
        for mutation in mutations
    ]
    for kind in ("refused", "refused_identities"):
        file[kind] = [
            mutation for refused in file[kind] for mutation in with_old_checksum(refused, choose)
        ]
    count = sum(len(file[kind]) for kind in ("vectors", "refused", "refused_identities"))
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "mutated.json"
        path.write_text(json.dumps(file), encoding="utf-8")
        noticed = [notices(*check, path, count) for check in CHECKS]
    print(f"{sum(noticed)} passed, {len(noticed) - sum(noticed)} failed")
    return 0 if all(noticed) else 1


def with_old_checksum(vector, choose):
    """A byte anywhere, once for each text; rules stay rules, so that they can be read."""
    for path, text in texts(vector):
        if text and path[0] != "identity":
            yield with_text(vector, path, changed(text, choose(len(text))))
        elif text:
            yield with_text(vector, path, text + "0")


def with_new_checksum(vector):
    """A byte that changes what is computed, or what it is compared with."""
    changes = [((member,), changed_last) for member in ["body", *COMPUTED] if vector.get(member)]
    changes += [(("secret",), changed_last)] if "secret" in vector else []
    identity = vector["identity"]
    changes += [(("identity", "scope"), changed_first)] if "scope" in identity else []
    for label, value in identity.get("scope_field", {}).items():
        changes.append((("identity", "scope_field", label), lambda text: text + "0"))
    for label in identity.get("scope_member", {}):
        # No pointer any more, or one to nothing.
        changes.append((("identity", "scope_member", label), lambda text: text + "/0"))
    for path, change in changes:
        yield sealed(with_text(vector, path, change(text_at(vector, path))))


def texts(value, path=()):
    """All texts within a value, and the names and indices that lead to them."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, (dict, list)):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(part, (*path, name))


def text_at(value, path):
    return text_at(value[path[0]], path[1:]) if path else value


def with_text(value, path, text):
    """The value with another text in a place."""
    if not path:
        return text
    first, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = with_text(value[first], rest, text)
    return copy


def changed(text, at):
    """The text with another character in this place."""
    return text[:at] + ("1" if text[at : at + 1] == "0" else "0") + text[at + 1 :]


def changed_first(text):
    return changed(text, 0)


def changed_last(text):
    return changed(text, len(text) - 1)


def sealed(vector):
    """The vector with a checksum that fits."""
    checksum = idempotency.idempotency_key(json.dumps(vector), {"exclude": ["checksum"]})
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
