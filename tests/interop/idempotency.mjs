// Format 1 of agentidemp's keys in JavaScript: from a JSON body, with canonicalize and node:crypto.
//
// A port to copy from. JSON.parse loses digits of numbers, so lossless-json parses; canonicalize
// writes strings and doubles. What the format asks for beyond RFC 8785 is here: all digits of
// integers, no decimal that says more than its double, the rules of an identity, and the scope.
// FORMAT.md is the text; the sections named here are its own. Whatever has no key is an Error.

import { createHash, createHmac } from "node:crypto";

import canonicalize from "canonicalize";
import { isLosslessNumber, parse as parseLossless } from "lossless-json";

const MAX_DEPTH = 128;
const MAX_SEGMENTS = 128;

// No double has more significant digits.
const MAX_DIGITS = 767;

const LISTS = ["exclude", "exclude_everywhere", "json", "only", "unordered"];
const PAIRS = ["scope_field", "scope_member"];

// The key of a JSON body (string or bytes), by the document that identifies it (section 5).
export function idempotencyKey(body, identity = {}, secret = undefined) {
  return keyOf(digestOf(canonicalText(body, identity), secret));
}

// The text that is hashed: the scope, and what counts of the body.
export function canonicalText(body, identity = {}) {
  const rules = rulesOf(identity);
  const walk = new Walk(identity);
  const payload = canonical(walk.payload(parse(body), rules));
  return scopeText(identity, walk.members) + payload;
}

// SHA-256, or HMAC-SHA-256 under a secret (section 4.1).
export function digestOf(canonical, secret = undefined) {
  if (secret?.length === 0) {
    throw new Error("the secret is empty");
  }
  const hash = secret ? createHmac("sha256", secret) : createHash("sha256");
  return hash.update(canonical, "utf8").digest();
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

// Reading (section 2). A number stays its text.

// The value of a JSON text that nests at most so many levels.
function parse(body, levels = MAX_DEPTH) {
  const text = typeof body === "string" ? body : decode(body);
  const value = parseLossless(text);
  if (checkText(value, levels) < countColons(text)) {
    throw new Error("two members of one name");
  }
  return value;
}

function decode(bytes) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

// Refuses what nests too deep, and half a surrogate pair, which cannot be encoded. Counts members.
function checkText(value, levels) {
  if (typeof value === "string" && !value.isWellFormed()) {
    throw new Error("half a surrogate pair");
  }
  if (!isObject(value) && !Array.isArray(value)) {
    return 0;
  }
  if (levels === 0) {
    throw new Error(`the text nests deeper than ${MAX_DEPTH} levels`);
  }
  const names = isObject(value) ? Object.keys(value) : [];
  const parts = [...names, ...Object.values(value)];
  return parts.reduce((count, part) => count + checkText(part, levels - 1), names.length);
}

// A colon outside strings is that of a member. Of two members of one name and value, lossless-json
// gives one; of two values, it throws.
function countColons(json) {
  return json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, "").split(":").length - 1;
}

function isObject(value) {
  const isOther = value === null || Array.isArray(value) || isLosslessNumber(value);
  return typeof value === "object" && !isOther;
}

// What counts (sections 2.7 and 3.2). A rule has a path, which is what is left of the way to the
// values that it is for: names, indices, and * for any; a kind; and which pointer of an allow-list,
// or which label of the scope, it is.

// The rules of an identity that pointers say.
function rulesOf(identity) {
  checkIdentity(identity);
  const { exclude = [], json = [], only = [], unordered = [], scope_member = {} } = identity;
  const rules = (kind, pointers) => pointers.map((pointer) => ({ path: segments(pointer), kind }));
  return [
    ...rules("exclude", exclude.filter((path) => !isName(path))),
    ...rules("json", json),
    ...rules("unordered", unordered),
    ...only.map((name) => ({ path: segments(name), kind: "only", name })),
    ...only.map((name) => ({ path: beforeStar(segments(name)), kind: "present", name })),
    ...Object.entries(scope_member).map(([name, pointer]) => ({
      path: segments(pointer),
      kind: "scope_member",
      name,
    })),
  ];
}

function beforeStar(path) {
  return path.includes("*") ? path.slice(0, path.indexOf("*")) : path;
}

// Whether a path of `exclude` is the name of a member, and no pointer.
function isName(path) {
  return !path.includes("/");
}

// The segments of a JSON Pointer (RFC 6901).
function segments(pointer) {
  const [start, ...parts] = pointer.split("/");
  const isEscaped = !/~(?![01])/.test(pointer);
  if (start !== "" || parts.length > MAX_SEGMENTS || parts.includes("**") || !isEscaped) {
    throw new Error(`${JSON.stringify(pointer)} is no JSON Pointer`);
  }
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

// What is left of the rules that lead through the member or element `name`.
function below(rules, name) {
  const through = rules.filter(({ path: [first] }) => first === name || first === "*");
  return through.map((rule) => ({ ...rule, path: rule.path.slice(1) }));
}

// The rules of a kind that lead here.
function here(rules, kind) {
  return rules.filter((rule) => rule.kind === kind && rule.path.length === 0);
}

// A walk through a payload that leaves out what does not count, and finds the scope's members.
class Walk {
  members = new Map();
  hasLeftOut = false;

  constructor({ exclude = [], exclude_everywhere = [], only = [], scope_member = {} }) {
    this.everywhere = new Set(exclude_everywhere);
    this.top = new Set(exclude.filter(isName));
    this.absent = new Set(only);
    this.labels = Object.keys(scope_member);
  }

  payload(value, rules) {
    const payload = this.value(value, rules, this.absent.size === 0, 0);
    if (this.absent.size > 0) {
      throw new Error(`absent, and on the allow-list: ${[...this.absent]}`);
    }
    if (this.labels.some((label) => !this.members.has(label))) {
      throw new Error("a member of the scope is absent");
    }
    if (this.hasLeftOut && isEmpty(payload)) {
      throw new Error("nothing is left of the payload");
    }
    return payload;
  }

  // What counts of a value that counts, in so many objects and arrays.
  value(value, rules, isWithinListed, depth) {
    here(rules, "present").forEach(({ name }) => this.absent.delete(name));
    const isListed = isWithinListed || here(rules, "only").length > 0;
    if (here(rules, "json").length > 0 && value !== null) {
      value = valueIn(value, MAX_DEPTH - depth);
    }
    const isUnordered = here(rules, "unordered").length > 0;
    if (Array.isArray(value)) {
      const kept = this.parts(Object.entries(value), rules, isListed, depth);
      const elements = kept.map(([, element]) => element);
      return isUnordered ? elements.sort(compareCanonical) : elements;
    }
    if (isUnordered && value !== null) {
      throw new Error("only an array can be unordered");
    }
    if (isObject(value)) {
      const named = Object.entries(value).filter(([name]) => !this.leavesOut(name, depth));
      return Object.fromEntries(this.parts(named, rules, isListed, depth));
    }
    return value;
  }

  // Whether a member is left out by its name.
  leavesOut(name, depth) {
    const isLeftOut = this.everywhere.has(name) || (depth === 0 && this.top.has(name));
    this.hasLeftOut ||= isLeftOut;
    return isLeftOut;
  }

  // The members or elements that count, and what counts of them.
  parts(parts, rules, isListed, depth) {
    const kept = [];
    for (const [name, part] of parts) {
      const within = below(rules, name);
      const isOnTheWay = within.some(({ kind }) => kind === "only" || kind === "scope_member");
      const [member] = here(within, "scope_member");
      if (here(within, "exclude").length > 0 || !(isListed || isOnTheWay)) {
        this.hasLeftOut = true;
      } else if (member !== undefined) {
        this.takeMember(member.name, part);
      } else {
        kept.push([name, this.value(part, within, isListed, depth + 1)]);
      }
    }
    return kept;
  }

  takeMember(label, value) {
    if (this.members.has(label)) {
      throw new Error(`the member of the scope is there twice: ${label}`);
    }
    this.members.set(label, scopeValue(value));
  }
}

function isEmpty(value) {
  return (isObject(value) || Array.isArray(value)) && Object.keys(value).length === 0;
}

// The value of a string that holds JSON text. `null` would share a key with no text.
function valueIn(text, levels) {
  const value = typeof text === "string" ? parse(text, levels) : null;
  if (value === null) {
    throw new Error("this is no string that holds JSON text");
  }
  return value;
}

function scopeValue(value) {
  if (typeof value === "string") {
    return value;
  }
  if (typeof value === "boolean" || (isLosslessNumber(value) && isInteger(value.value))) {
    return canonical(value);
  }
  throw new Error("a member of the scope is a string, an integer or a boolean");
}

function compareCanonical(left, right) {
  return Buffer.compare(Buffer.from(canonical(left)), Buffer.from(canonical(right)));
}

// Writing (section 2): RFC 8785, but with all digits of an integer.
function canonical(value) {
  if (isLosslessNumber(value)) {
    return isInteger(value.value) ? value.value.replace(/^-0$/, "0") : canonicalFloat(value.value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(",")}]`;
  }
  if (isObject(value)) {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${canonicalize(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  return canonicalize(value);
}

function isInteger(text) {
  return !/[.eE]/.test(text);
}

function canonicalFloat(text) {
  const double = Number(text);
  // This refuses an infinity, which a float beyond the range of a double is read as.
  const shortest = canonicalize(double);
  if (!standsFor(double, shortest, text)) {
    throw new Error(`${text} says more than the double that it is read as`);
  }
  return shortest;
}

// Whether a decimal is a double's value, rounded to as many digits, which is at most half a unit of
// its last digit that is not zero away from it; or whether it is its shortest digits (section 2.2).
function standsFor(double, shortest, text) {
  const [digits, exponent] = decimalOf(text);
  if (double === 0) {
    return digits === "";
  }
  if (digits.length > MAX_DIGITS) {
    return false;
  }
  const [exact, exactExponent] = exactly(Math.abs(double));
  const least = Math.min(exponent, exactExponent);
  const unit = 10n ** BigInt(exponent - least);
  const difference = BigInt(digits) * unit - exact * 10n ** BigInt(exactExponent - least);
  const distance = difference < 0n ? -difference : difference;
  return 2n * distance <= unit || digits === decimalOf(shortest)[0];
}

// The digits of a decimal between the zeros at its ends, and the power of ten of the last of them.
function decimalOf(text) {
  const [mantissa, exponent = "0"] = text.split(/e/i);
  const [integer, fraction = ""] = mantissa.split(".");
  const digits = integer.replace("-", "") + fraction;
  const isDigit = (digit) => digit !== "0";
  const [first, last] = [[...digits].findIndex(isDigit), [...digits].findLastIndex(isDigit)];
  const zeros = digits.length - 1 - last;
  return [digits.slice(first, last + 1), Number(exponent) - fraction.length + zeros];
}

// A double that is not negative: an integer, and the power of ten that it is multiplied with.
function exactly(double) {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, double);
  const biased = bits.getUint32(0) >>> 20;
  const fraction = bits.getBigUint64(0) & ((1n << 52n) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = Math.max(biased, 1) - 1075;
  return exponent < 0
    ? [mantissa * 5n ** BigInt(-exponent), exponent]
    : [mantissa << BigInt(exponent), 0];
}

// The scope (section 3).
function scopeText({ scope, scope_field = {} }, members) {
  const fields = new Map([...Object.entries(scope_field), ...members]);
  const parts = scope === undefined ? [] : [scope];
  for (const label of [...fields.keys()].sort()) {
    parts.push(label, fields.get(label).replaceAll("%", "%25").replaceAll(":", "%3A"));
  }
  return parts.map((part) => `${part}:`).join("");
}

// The document (section 5), strictly.
export function readIdentity(text) {
  const identity = parse(text);
  rulesOf(identity);
  return identity;
}

// Refuses what is no identity.
export function checkIdentity(identity) {
  if (!isObject(identity)) {
    throw new Error("an identity is an object");
  }
  for (const [name, rule] of Object.entries(identity)) {
    if (!(name === "scope" ? isText(rule) : isList(name, rule) || isPairs(name, rule))) {
      throw new Error(`${name} is no member of an identity, or of another type`);
    }
  }
  const operations = identity.scope?.split(">") ?? [];
  const labels = PAIRS.flatMap((name) => Object.keys(identity[name] ?? {}));
  if (new Set(labels).size < labels.length) {
    throw new Error("two fields of the scope have one label");
  }
  if ([...operations, ...labels].some((part) => part === "" || /[:%]/.test(part))) {
    throw new Error("an operation or a label is empty, or holds : or %");
  }
  if (identity.exclude?.includes("")) {
    throw new Error("nothing is left of any payload");
  }
  const paths = Object.values(identity.scope_member ?? {}).map(segments);
  if (paths.some((path, index) => paths.slice(index + 1).some((other) => canMeet(path, other)))) {
    throw new Error("two members of the scope can be one value");
  }
}

// Whether two paths can lead to one value.
function canMeet(left, right) {
  const isSame = (segment, other) => segment === other || segment === "*" || other === "*";
  return left.length === right.length && left.every((part, index) => isSame(part, right[index]));
}

function isList(name, rule) {
  return LISTS.includes(name) && Array.isArray(rule) && rule.every(isText);
}

function isPairs(name, rule) {
  return PAIRS.includes(name) && isObject(rule) && Object.values(rule).every(isText);
}

function isText(value) {
  return typeof value === "string";
}
