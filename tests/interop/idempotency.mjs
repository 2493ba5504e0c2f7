// Version 1 of agentidemp's keys in JavaScript: from a JSON body, with canonicalize and node:crypto.
//
// A port to copy from. JSON.parse loses digits of integers beyond 2^53, so lossless-json parses; what
// canonicalize does not do, as the format asks for more than RFC 8785, is done here: those integers
// (as BigInt), exclusions, sets and the scope.

import { createHash } from "node:crypto";

import canonicalize from "canonicalize";
import { parse as parseLossless } from "lossless-json";

export function digestOf(canonical) {
  return createHash("sha256").update(canonical, "utf8").digest();
}

export function keyOf(digest) {
  return "ik_" + digest.toString("hex");
}

export function shortOf(digest) {
  return keyOf(digest.subarray(0, 16));
}

// The version 8 UUID (RFC 9562 section 5.8) of the first 16 bytes.
export function uuidOf(digest) {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// The key of a body: see canonicalText for what identifies it.
export function idempotencyKey(body, identity = {}) {
  return keyOf(digestOf(canonicalText(body, identity)));
}

// The text that is hashed. `exclude` and `sets` are JSON Pointers, in which the segment * is any
// member or element; `fields` are the labels and texts of the scope.
export function canonicalText(body, { exclude = [], sets = [], operation = null, fields = [] }) {
  const value = without(parse(body), exclude.map(segments));
  const sorted = withSortedSets(value, sets.map(segments));
  return scopeText(operation, fields) + canonical(sorted);
}

export function parse(body) {
  const value = parseLossless(body, undefined, parseNumber);
  if (countMembers(value) < countColons(body)) {
    throw new Error("two members of one name");
  }
  return value;
}

function parseNumber(text) {
  const number = Number(text);
  const isInteger = /^-?\d+$/.test(text);
  return isInteger && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

// Of two members of one name and value, lossless-json gives one.
function countMembers(value) {
  if (!isObject(value)) {
    return 0;
  }
  const parts = Object.values(value);
  const own = Array.isArray(value) ? 0 : parts.length;
  return parts.reduce((count, part) => count + countMembers(part), own);
}

// A colon outside strings is that of a member.
function countColons(json) {
  const withoutStrings = json.replaceAll(/"(?:[^"\\]+|\\.)*"/g, "");
  return withoutStrings.split(":").length - 1;
}

// The segments of a JSON Pointer (RFC 6901).
function segments(pointer) {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

// What is left of the paths that lead through the member or element `name`.
function below(paths, name) {
  const through = paths.filter(([first]) => first === name || first === "*");
  return through.map((path) => path.slice(1));
}

function leadHere(paths) {
  return paths.some((path) => path.length === 0);
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}

// The value without what the paths lead to. The indices count all elements.
function without(value, paths) {
  if (!isObject(value)) {
    return value;
  }
  const kept = Object.entries(value)
    .filter(([name]) => !leadHere(below(paths, name)))
    .map(([name, part]) => [name, without(part, below(paths, name))]);
  return Array.isArray(value) ? kept.map(([, element]) => element) : Object.fromEntries(kept);
}

// The value with the arrays that the paths lead to sorted by canonical bytes.
function withSortedSets(value, paths) {
  if (!isObject(value)) {
    return value;
  }
  const parts = Object.entries(value).map(([name, part]) => [
    name,
    withSortedSets(part, below(paths, name)),
  ]);
  if (!Array.isArray(value)) {
    return Object.fromEntries(parts);
  }
  const elements = parts.map(([, element]) => element);
  return leadHere(paths) ? elements.sort(compareCanonical) : elements;
}

function compareCanonical(left, right) {
  return Buffer.compare(Buffer.from(canonical(left)), Buffer.from(canonical(right)));
}

// RFC 8785, but with all digits of an integer.
function canonical(value) {
  if (!holdsLargeInteger(value)) {
    return canonicalize(value);
  }
  if (typeof value === "bigint") {
    return value.toString();
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(",")}]`;
  }
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonical(name)}:${canonical(value[name])}`).join(",")}}`;
}

// Whether there is an integer in the value that a double does not hold exactly.
export function holdsLargeInteger(value) {
  return isObject(value)
    ? Object.values(value).some(holdsLargeInteger)
    : typeof value === "bigint";
}

function scopeText(operation, fields) {
  const parts = operation === null ? [] : [operation];
  const byLabel = fields.toSorted(([left], [right]) => (left < right ? -1 : 1));
  for (const [label, text] of byLabel) {
    parts.push(label, text.replaceAll("%", "%25").replaceAll(":", "%3A"));
  }
  return parts.map((part) => `${part}:`).join("");
}
