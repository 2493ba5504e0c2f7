"""Format 1 of agentidemp's keys in Python: from a JSON body, with rfc8785, hashlib and hmac.

A port to copy from. rfc8785 writes strings and doubles; what the format asks for beyond RFC 8785
is here: all digits of integers, no decimal that says more than its double, the rules of an
identity, and the scope. FORMAT.md is the text; the sections named here are its own. Whatever has
no key is a ValueError.
"""

import hashlib
import hmac
import itertools
import json
import re
import uuid
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

import rfc8785

MAX_DEPTH = 128
MAX_SEGMENTS = 128

LISTS = ("exclude", "exclude_everywhere", "json", "only", "unordered")
PAIRS = ("scope_field", "scope_member")


def idempotency_key(body, identity=None, secret=None):
    """The key of a JSON body (str or bytes), by the document that identifies it (section 5)."""
    return key_of(digest_of(canonical_bytes(body, identity), secret))


def canonical_bytes(body, identity=None):
    """The bytes that are hashed: the scope, and what counts of the body."""
    identity = {} if identity is None else identity
    rules = rules_of(identity)
    walk = Walk(identity)
    payload = canonical(walk.payload(parse(body), rules))
    return scope_text(identity, walk.members).encode() + payload


def digest_of(canonical, secret=None):
    """SHA-256, or HMAC-SHA-256 under a secret (section 4.1)."""
    if secret is None:
        return hashlib.sha256(canonical).digest()
    if not secret:
        raise ValueError("the secret is empty")
    return hmac.digest(secret, canonical, "sha256")


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


# Reading (section 2)


class Integer(NamedTuple):
    text: str


class Float(NamedTuple):
    text: str


def parse(text, levels=MAX_DEPTH):
    """The value of a JSON text that nests at most so many levels."""
    if isinstance(text, bytes):
        text = text.decode()
    try:
        value = json.loads(
            text,
            object_pairs_hook=unique_members,
            parse_constant=refuse_constant,
            parse_int=Integer,
            parse_float=Float,
        )
    except RecursionError:
        raise ValueError("the text nests too deep") from None
    check_text(value, levels)
    return value


def unique_members(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("two members of one name")
    return members


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def check_text(value, levels):
    """Refuses what nests too deep, and half a surrogate pair, which cannot be encoded."""
    if isinstance(value, str):
        value.encode()
    if isinstance(value, (dict, list)):
        if levels == 0:
            raise ValueError(f"the text nests deeper than {MAX_DEPTH} levels")
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        for part in parts:
            check_text(part, levels - 1)


# What counts (sections 2.7 and 3.2)


class Rule(NamedTuple):
    # What is left of the way to the values that it is for: names, indices, and * for any.
    path: list
    kind: str
    # Which pointer of an allow-list, or which label of the scope.
    name: str = ""


def rules_of(identity):
    """The rules of an identity that pointers say."""
    check_identity(identity)
    rules = [
        Rule(segments(pointer), kind)
        for kind in ("exclude", "json", "only", "unordered")
        for pointer in identity.get(kind, [])
        if kind != "exclude" or not is_name(pointer)
    ]
    for pointer in identity.get("only", []):
        before_star = itertools.takewhile(lambda segment: segment != "*", segments(pointer))
        rules.append(Rule(list(before_star), "present", pointer))
    for label, pointer in identity.get("scope_member", {}).items():
        rules.append(Rule(segments(pointer), "scope_member", label))
    return rules


def is_name(path):
    """Whether a path of `exclude` is the name of a member, and no pointer."""
    return "/" not in path


def segments(pointer):
    """The segments of a JSON Pointer (RFC 6901)."""
    start, *parts = pointer.split("/")
    if start or len(parts) > MAX_SEGMENTS or "**" in parts or re.search("~(?![01])", pointer):
        raise ValueError(f"{pointer!r} is no JSON Pointer")
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def below(rules, name):
    """What is left of the rules that lead through the member or element `name`."""
    through = [rule for rule in rules if rule.path and rule.path[0] in (name, "*")]
    return [rule._replace(path=rule.path[1:]) for rule in through]


def here(rules, kind):
    """The names of the rules of a kind that lead here."""
    return {rule.name for rule in rules if rule.kind == kind and not rule.path}


class Walk:
    """A walk through a payload: leaves out what does not count, and finds the scope's members."""

    def __init__(self, identity):
        self.everywhere = set(identity.get("exclude_everywhere", []))
        self.top = set(filter(is_name, identity.get("exclude", [])))
        self.absent = set(identity.get("only", []))
        self.labels = set(identity.get("scope_member", {}))
        self.members = {}
        self.has_left_out = False

    def payload(self, value, rules):
        payload = self.value(value, rules, is_listed=not self.absent, depth=0)
        if self.absent:
            raise ValueError(f"absent, and on the allow-list: {sorted(self.absent)}")
        if self.labels != set(self.members):
            raise ValueError(f"absent members of the scope: {self.labels - set(self.members)}")
        if payload in ({}, []) and self.has_left_out:
            raise ValueError("nothing is left of the payload")
        return payload

    def value(self, value, rules, is_listed, depth):
        """What counts of a value that counts, in so many objects and arrays."""
        self.absent -= here(rules, "present")
        is_listed = is_listed or bool(here(rules, "only"))
        if here(rules, "json") and value is not None:
            value = value_in(value, MAX_DEPTH - depth)
        is_unordered = bool(here(rules, "unordered"))
        if isinstance(value, list):
            elements = ((str(index), element) for index, element in enumerate(value))
            kept = [element for _, element in self.parts(elements, rules, is_listed, depth)]
            return sorted(kept, key=canonical) if is_unordered else kept
        if is_unordered and value is not None:
            raise ValueError("only an array can be unordered")
        if isinstance(value, dict):
            return dict(self.parts(self.named(value, depth), rules, is_listed, depth))
        return value

    def named(self, value, depth):
        """The members that are not left out by their name."""
        for name, part in value.items():
            if name in self.everywhere or (depth == 0 and name in self.top):
                self.has_left_out = True
            else:
                yield name, part

    def parts(self, parts, rules, is_listed, depth):
        """The members or elements that count, and what counts of them."""
        for name, part in parts:
            within = below(rules, name)
            is_on_the_way = any(rule.kind in ("only", "scope_member") for rule in within)
            label = next(iter(here(within, "scope_member")), None)
            if here(within, "exclude") or not (is_listed or is_on_the_way):
                self.has_left_out = True
            elif label is not None:
                self.take_member(label, part)
            else:
                yield name, self.value(part, within, is_listed, depth + 1)

    def take_member(self, label, value):
        if label in self.members:
            raise ValueError(f"the member of the scope is there twice: {label}")
        self.members[label] = scope_value(value)


def value_in(text, levels):
    """The value of a string that holds JSON text. `null` would share a key with no text."""
    value = parse(text, levels) if isinstance(text, str) else None
    if value is None:
        raise ValueError("this is no string that holds JSON text")
    return value


def scope_value(value):
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, Integer)):
        return canonical(value).decode()
    raise ValueError("a member of the scope is a string, an integer or a boolean")


# Writing (section 2)


def canonical(value):
    """RFC 8785, but with all digits of an integer."""
    if isinstance(value, Integer):
        return b"0" if value.text == "-0" else value.text.encode()
    if isinstance(value, Float):
        return canonical_float(value.text)
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    if isinstance(value, dict):
        names = sorted(value, key=in_utf16)
        members = (rfc8785.dumps(name) + b":" + canonical(value[name]) for name in names)
        return b"{" + b",".join(members) + b"}"
    return rfc8785.dumps(value)


def in_utf16(text):
    return text.encode("utf-16-be")


def canonical_float(text):
    double = float(text)
    # This refuses an infinity, which a float beyond the range of a double is read as.
    shortest = rfc8785.dumps(double)
    if not stands_for(double, shortest.decode(), text):
        raise ValueError(f"{text} says more than the double that it is read as")
    return shortest


def stands_for(double, shortest, text):
    """Whether a decimal is a double's value, rounded to as many digits, or its shortest digits.

    Zeros at the end say nothing, and an exact half may be rounded either way (section 2.2).
    """
    mantissa = re.split("[eE]", text)[0]
    digits = mantissa.replace(".", "").strip("-0")
    if double == 0:
        return not digits
    rounded = [
        Context(prec=len(digits), rounding=half).plus(Decimal(double))
        for half in (ROUND_HALF_UP, ROUND_HALF_DOWN)
    ]
    return Decimal(text) in [*rounded, Decimal(shortest)]


# The scope (section 3)


def scope_text(identity, members):
    parts = [identity["scope"]] if "scope" in identity else []
    fields = {**identity.get("scope_field", {}), **members}
    for label in sorted(fields, key=in_utf16):
        parts += [label, fields[label].replace("%", "%25").replace(":", "%3A")]
    return "".join(part + ":" for part in parts)


# The document (section 5)


def read_identity(text):
    """The document of an identity, strictly."""
    identity = parse(text)
    rules_of(identity)
    return identity


def check_identity(identity):
    """Refuses what is no identity."""
    if not isinstance(identity, dict):
        raise ValueError("an identity is an object")
    for name, rule in identity.items():
        if not (is_text(rule) if name == "scope" else is_list(name, rule) or is_pairs(name, rule)):
            raise ValueError(f"{name} is no member of an identity, or of another type")
    operations = identity["scope"].split(">") if "scope" in identity else []
    labels = [label for name in PAIRS for label in identity.get(name, {})]
    if len(set(labels)) < len(labels):
        raise ValueError("two fields of the scope have one label")
    if any(not part or set(":%") & set(part) for part in operations + labels):
        raise ValueError("an operation or a label is empty, or holds : or %")
    if "" in identity.get("exclude", []):
        raise ValueError("nothing is left of any payload")
    paths = [segments(pointer) for pointer in identity.get("scope_member", {}).values()]
    if any(can_meet(*pair) for pair in itertools.combinations(paths, 2)):
        raise ValueError("two members of the scope can be one value")


def can_meet(left, right):
    """Whether two paths can lead to one value."""
    pairs = zip(left, right)
    return len(left) == len(right) and all(a == b or "*" in (a, b) for a, b in pairs)


def is_list(name, rule):
    return name in LISTS and isinstance(rule, list) and all(map(is_text, rule))


def is_pairs(name, rule):
    return name in PAIRS and isinstance(rule, dict) and all(map(is_text, rule.values()))


def is_text(value):
    return isinstance(value, str)
