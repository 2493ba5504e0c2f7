"""A service that shares a Redis server with tests/examples/shared_store.rs.

shared_store.py send URL DIR     does the work, and writes the body of a retry
shared_store.py receive URL DIR  reads the body that Rust wrote, and finds the answer

The record and its rules are in the documentation of agentidemp::dedup::store::format. Here they are
followed by a transaction (WATCH), where Rust has a script: what is not seen to be unchanged is not written.
"""

import json
import pathlib
import secrets
import sys

import idempotency
import redis

RETENTION = 24 * 60 * 60 * 1_000_000


def key_of(body):
    """The key of a charge: what the Rust type says by its attributes."""
    identity = {
        "exclude": ["/attempt", "/sent_at"],
        "scope": "charges.create",
        "scope_member": {"tenant": "/tenant"},
    }
    return idempotency.idempotency_key(body, identity)


class Claim:
    """The right to do the work of a key."""

    def __init__(self, server, key):
        self.server, self.name, self.id = server, "agentidemp:" + key, secrets.token_hex(16)

    def now(self, pipe):
        seconds, micros = pipe.time()
        return seconds * 1_000_000 + micros

    def write(self, pipe, record):
        """Writes the record whole, if nobody else wrote since it was read."""
        pipe.multi()
        pipe.delete(self.name)
        pipe.hset(self.name, mapping=record)
        pipe.pexpireat(self.name, -(-record["expires"] // 1000))
        pipe.execute()

    def make(self, lease=30_000_000):
        """Claims a key that nobody claimed before. Says what is remembered instead, if anything is."""

        def step(pipe):
            if record := pipe.hgetall(self.name):
                return record
            now = self.now(pipe)
            record = {
                "state": "in_progress",
                "attempt": 1,
                "interrupted": 0,
                "token": now,
                "claim": self.id,
                "started": now,
                "lease_until": now + lease,
                "expires": now + lease + RETENTION,
            }
            self.write(pipe, record)
            return None

        return self.server.transaction(step, self.name, value_from_callable=True)

    def complete(self, answer):
        """Stores the answer, if the claim still holds the record."""

        def step(pipe):
            record = pipe.hgetall(self.name)
            held = record.get("claim") == self.id and record["state"] in ("in_progress", "interrupted")
            assert held, "the claim is lost"
            record.pop("lease_until", None)
            record.update(state="completed", answer=json.dumps(answer), expires=self.now(pipe) + RETENTION)
            self.write(pipe, record)

        self.server.transaction(step, self.name)


def send(server, wire):
    """Charges once. The answer is lost on the way, so a retry is sent."""
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
    claim = Claim(server, key)
    known = claim.make()
    assert known is None, f"the key is known already: {known}"
    claim.complete({"id": "python \U0001f40d 1", "charged": charge["amount"]})
    retry = {**charge, "attempt": 2, "sent_at": 1700000009}
    wire.write_text(json.dumps(retry))
    print(f"charged under {key}")


def receive(server, wire):
    """Charges nothing for a retry whose first attempt was charged by Rust."""
    key = key_of(wire.read_text(encoding="utf-8"))
    record = server.hgetall("agentidemp:" + key)
    assert record.get("state") == "completed", f"Rust's charge is not there: {record}"
    answer = json.loads(record["answer"])
    print(f"found under {key}: {answer['id']}, {answer['charged']}")


if __name__ == "__main__":
    command, url, directory = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    server = redis.Redis.from_url(url, decode_responses=True)
    if command == "send":
        send(server, directory / "from-python.json")
    elif command == "receive":
        receive(server, directory / "from-rust.json")
    else:
        sys.exit(f"{command} is neither send nor receive")
