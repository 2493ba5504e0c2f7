"""Recomputes the key of every vector from its body: check_vectors.py [FILE]"""

import json
import pathlib
import sys

import idempotency

VECTORS = pathlib.Path(__file__).parents[1] / "vectors" / "v1.json"


def main(path):
    file = json.loads(path.read_text(encoding="utf-8"))
    checked = [(vector["name"], problems_of(vector)) for vector in file["vectors"]]
    checked += [(refused["name"], problems_of_refused(refused)) for refused in file["refused"]]
    failed = [(name, problems) for name, problems in checked if problems]
    for name, problems in failed:
        print(f"{name}: {', '.join(problems)}")
    large = sum(map(holds_large_integer, file["vectors"]))
    print(
        f"{large} vectors hold integers beyond 2^53, which rfc8785 refuses: "
        "there the digits are written by the format's own rule"
    )
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
    problems = []
    if refused["checksum"] != checksum_of(refused):
        problems.append("the checksum does not fit")
    try:
        problems.append(f"the key is {idempotency.idempotency_key(refused['body'])}")
    except ValueError:
        pass
    return problems


def checksum_of(vector):
    """The key of the vector itself: no byte of it can change unnoticed."""
    return idempotency.idempotency_key(json.dumps(vector), exclude=["/checksum"])


def recompute(vector):
    """All that follows from the body, and from what identifies it."""
    canonical = idempotency.canonical_bytes(
        vector["body"],
        exclude=vector["exclude"],
        sets=vector["sets"],
        operation=vector["scope"]["operation"],
        fields=[(field["label"], field["value"]) for field in vector["scope"]["fields"]],
    )
    digest = idempotency.digest_of(canonical)
    return {
        "canonical": canonical.decode(),
        "canonical_hex": None if canonical.isascii() else canonical.hex(),
        "key": idempotency.key_of(digest),
        "short": idempotency.short_of(digest),
        "uuid": idempotency.uuid_of(digest),
    }


def holds_large_integer(vector):
    try:
        return idempotency.holds_large_integer(idempotency.parse(vector["body"]))
    except ValueError:
        return False


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else VECTORS))
