"""Recomputes the key of every vector from its body: check_vectors.py [FILE]"""

import json
import pathlib
import sys

import idempotency

VECTORS = pathlib.Path(__file__).parents[2] / "agentidemp" / "vectors" / "v1.json"


def main(path):
    file = json.loads(path.read_text(encoding="utf-8"))
    checked = [
        (vector["name"], problems(vector))
        for kind, problems in [
            ("vectors", problems_of),
            ("refused", problems_of_refused),
            ("refused_identities", problems_of_refused_identity),
        ]
        for vector in file[kind]
    ]
    failed = [(name, problems) for name, problems in checked if problems]
    for name, problems in failed:
        print(f"{name}: {', '.join(problems)}")
    print(f"{len(checked) - len(failed)} passed, {len(failed)} failed")
    return 0 if checked and not failed else 1


def problems_of(vector):
    """What of the vector is not as its body says."""
    try:
        computed = {**recompute(vector), "checksum": checksum_of(vector)}
    except Exception as error:
        return [f"no key: {error!r}"]
    return [
        f"{name} is {vector.get(name)!r}, and computed is {value!r}"
        for name, value in computed.items()
        if vector.get(name) != value
    ]


def problems_of_refused(refused):
    """Whether there is a key, although there should be none."""
    problems = [] if refused["checksum"] == checksum_of(refused) else ["the checksum does not fit"]
    idempotency.check_identity(refused["identity"])
    try:
        problems.append(f"the key is {recompute(refused)['key']}")
    except ValueError:
        pass
    return problems


def problems_of_refused_identity(refused):
    """Whether a document is read, although it is of no identity."""
    problems = [] if refused["checksum"] == checksum_of(refused) else ["the checksum does not fit"]
    try:
        problems.append(f"it is read as {idempotency.read_identity(refused['identity'])}")
    except ValueError:
        pass
    return problems


def checksum_of(vector):
    """The key of the vector itself: no byte of it can change unnoticed."""
    return idempotency.idempotency_key(json.dumps(vector), {"exclude": ["checksum"]})


def recompute(vector):
    """All that follows from the body, and from what identifies it."""
    canonical = idempotency.canonical_bytes(vector["body"], vector["identity"])
    secret = bytes.fromhex(vector["secret"]) if "secret" in vector else None
    digest = idempotency.digest_of(canonical, secret)
    return {
        "canonical": canonical.decode(),
        "canonical_hex": None if canonical.isascii() else canonical.hex(),
        "key": idempotency.key_of(digest),
        "short": idempotency.short_of(digest),
        "uuid": idempotency.uuid_of(digest),
    }


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else VECTORS))
