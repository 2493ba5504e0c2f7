"""Version 1 of agentidemp's keys in Python: from a JSON body, with rfc8785 and hashlib.

A port to copy from. What rfc8785 does not do, as the format asks for more than RFC 8785, is done
here: integers beyond 2^53, exclusions, sets and the scope.
"""

import hashlib
import json
import uuid

import rfc8785

LARGEST_EXACT = 2**53 - 1


def digest_of(canonical):
    return hashlib.sha256(canonical).digest()


def key_of(digest):
    return "ik_" + digest.hex()


def short_of(digest):
    return "ik_" + digest[:16].hex()


def uuid_of(digest):
    """The version 8 UUID (RFC 9562 section 5.8) of the first 16 bytes."""
    data = bytearray(digest[:16])
    data[6] = data[6] & 0x0F | 0x80
    data[8] = data[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(data)))


def idempotency_key(body, **identity):
    """The key of a body: see canonical_bytes for what identifies it."""
    return key_of(digest_of(canonical_bytes(body, **identity)))


def canonical_bytes(body, exclude=(), sets=(), operation=None, fields=()):
    """The bytes that are hashed.

    exclude and sets are JSON Pointers, in which the segment * is any member or element; fields are
    the labels and texts of the scope.
    """
    value = without(parse(body), [segments(pointer) for pointer in exclude])
    value = with_sorted_sets(value, [segments(pointer) for pointer in sets])
    return scope_text(operation, fields).encode() + canonical(value)


def parse(body):
    return json.loads(body, object_pairs_hook=unique_members, parse_constant=refuse_constant)


def unique_members(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("two members of one name")
    return members


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def segments(pointer):
    """The segments of a JSON Pointer (RFC 6901)."""
    parts = pointer.split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def below(paths, name):
    """What is left of the paths that lead through the member or element name."""
    return [path[1:] for path in paths if path and path[0] in (name, "*")]


def without(value, paths):
    """The value without what the paths lead to. The indices count all elements."""
    if isinstance(value, dict):
        kept = [name for name in value if [] not in below(paths, name)]
        return {name: without(value[name], below(paths, name)) for name in kept}
    if isinstance(value, list):
        kept = [index for index in range(len(value)) if [] not in below(paths, str(index))]
        return [without(value[index], below(paths, str(index))) for index in kept]
    return value


def with_sorted_sets(value, paths):
    """The value with the arrays that the paths lead to sorted by canonical bytes."""
    if isinstance(value, dict):
        return {name: with_sorted_sets(value[name], below(paths, name)) for name in value}
    if isinstance(value, list):
        elements = [
            with_sorted_sets(element, below(paths, str(index)))
            for index, element in enumerate(value)
        ]
        return sorted(elements, key=canonical) if [] in paths else elements
    return value


def canonical(value):
    """RFC 8785, but with all digits of an integer."""
    if not holds_large_integer(value):
        return rfc8785.dumps(value)
    if isinstance(value, int):
        return str(value).encode()
    if isinstance(value, list):
        return b"[" + b",".join(canonical(element) for element in value) + b"]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    members = (canonical(name) + b":" + canonical(value[name]) for name in names)
    return b"{" + b",".join(members) + b"}"


def holds_large_integer(value):
    """Whether there is an integer in the value that rfc8785 refuses."""
    if isinstance(value, dict):
        return any(map(holds_large_integer, value.values()))
    if isinstance(value, list):
        return any(map(holds_large_integer, value))
    return isinstance(value, int) and abs(value) > LARGEST_EXACT


def scope_text(operation, fields):
    parts = [] if operation is None else [operation]
    for label, text in sorted(fields, key=lambda field: field[0].encode("utf-16-be")):
        parts += [label, text.replace("%", "%25").replace(":", "%3A")]
    return "".join(part + ":" for part in parts)
