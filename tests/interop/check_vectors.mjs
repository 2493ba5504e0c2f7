// Recomputes the key of every vector from its body: check_vectors.mjs [FILE]

import { readFileSync } from "node:fs";

import * as idempotency from "./idempotency.mjs";

function main(path) {
  const { vectors, refused } = JSON.parse(readFileSync(path, "utf8"));
  const checked = [
    ...vectors.map((vector) => [vector.name, problemsOf(vector)]),
    ...refused.map((body) => [body.name, problemsOfRefused(body)]),
  ];
  const failed = checked.filter(([, problems]) => problems.length > 0);
  for (const [name, problems] of failed) {
    console.log(`${name}: ${problems.join(", ")}`);
  }
  const large = vectors.filter(holdsLargeInteger).length;
  console.log(
    `${large} vectors hold integers beyond 2^53, which canonicalize cannot write exactly: ` +
      "there the digits are written by the format's own rule",
  );
  console.log(`${checked.length - failed.length} passed, ${failed.length} failed`);
  return checked.length > 0 && failed.length === 0 ? 0 : 1;
}

// What of the vector is not as its body says.
function problemsOf(vector) {
  let computed;
  try {
    computed = { ...recompute(vector), checksum: checksumOf(vector) };
  } catch (error) {
    return [`no key: ${error}`];
  }
  return Object.entries(computed)
    .filter(([name, value]) => vector[name] !== value)
    .map(([name, value]) => `${name} is ${vector[name]}, and computed is ${value}`);
}

// Whether there is a key, although there should be none.
function problemsOfRefused(refused) {
  const problems = refused.checksum === checksumOf(refused) ? [] : ["the checksum does not fit"];
  try {
    problems.push(`the key is ${idempotency.idempotencyKey(refused.body)}`);
  } catch {
    // As it should be.
  }
  return problems;
}

// The key of the vector itself: no byte of it can change unnoticed.
function checksumOf(vector) {
  return idempotency.idempotencyKey(JSON.stringify(vector), { exclude: ["/checksum"] });
}

// All that follows from the body, and from what identifies it.
function recompute({ body, exclude, sets, scope }) {
  const fields = scope.fields.map(({ label, value }) => [label, value]);
  const identity = { exclude, sets, operation: scope.operation, fields };
  const canonical = idempotency.canonicalText(body, identity);
  const digest = idempotency.digestOf(canonical);
  const bytes = Buffer.from(canonical, "utf8");
  return {
    canonical,
    canonical_hex: bytes.length === canonical.length ? undefined : bytes.toString("hex"),
    key: idempotency.keyOf(digest),
    short: idempotency.shortOf(digest),
    uuid: idempotency.uuidOf(digest),
  };
}

function holdsLargeInteger({ body }) {
  try {
    return idempotency.holdsLargeInteger(idempotency.parse(body));
  } catch {
    return false;
  }
}

const committed = new URL("../vectors/v1.json", import.meta.url);
process.exitCode = main(process.argv[2] ?? committed);
