"""A service that shares a deduplication store with agentidemp/examples/shared_store.rs.

shared_store.py send DIR     stores a result, and writes the body of a retry
shared_store.py receive DIR  reads the body that Rust wrote, and finds the result
"""

import json
import pathlib
import sys

import idempotency


def key_of(body):
    """The key of a charge: what the Rust type says by its attributes."""
    identity = {
        "exclude": ["/attempt", "/sent_at"],
        "scope": "charges.create",
        "scope_member": {"tenant": "/tenant"},
    }
    return idempotency.idempotency_key(body, identity)


def send(store, wire):
    """Stores the result of the first attempt, whose answer is lost on the way, and sends the retry."""
    charge = {
        "sent_at": 1700000000,
        "attempt": 1,
        "tenant": "acme:us",
        "note": "na\u00efve \U0001f600",
        "currency": "usd",
        "amount": 0.1 + 0.2,
        "account": 2**53 + 1,
    }
    key = key_of(json.dumps(charge))
    store.mkdir(exist_ok=True)
    (store / key).write_text("charged by Python")
    retry = {**charge, "attempt": 2, "sent_at": 1700000009}
    wire.write_text(json.dumps(retry))
    print(f"stored under {key}")


def receive(store, wire):
    """Finds the result of the request whose retry comes in."""
    key = key_of(wire.read_text(encoding="utf-8"))
    result = (store / key).read_text()
    print(f"found under {key}: {result}")


if __name__ == "__main__":
    command, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    if command == "send":
        send(directory / "store", directory / "from-python.json")
    elif command == "receive":
        receive(directory / "store", directory / "from-rust.json")
    else:
        sys.exit(f"{command} is neither send nor receive")
