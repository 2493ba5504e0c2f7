// Recomputes the key of every vector from its body: check_vectors.mjs [FILE]

import { readFileSync } from "node:fs";

import * as idempotency from "./idempotency.mjs";

function main(path) {
  const { vectors } = JSON.parse(readFileSync(path, "utf8"));
  let failed = 0;
  for (const vector of vectors) {
    const problems = problemsOf(vector);
    if (problems.length > 0) {
      failed += 1;
      console.log(`${vector.name}: ${problems.join(", ")}`);
    }
  }
  const large = vectors.filter(holdsLargeInteger).length;
  console.log(
    `${large} vectors hold integers beyond 2^53, which canonicalize cannot write exactly: ` +
      "there the digits are written by the format's own rule",
  );
  console.log(`${vectors.length - failed} passed, ${failed} failed`);
  return vectors.length > 0 && failed === 0 ? 0 : 1;
}

// What of the vector is not as its body says.
function problemsOf(vector) {
  let computed;
  try {
    const checksum = idempotency.idempotencyKey(JSON.stringify(vector), { exclude: ["/checksum"] });
    computed = { ...recompute(vector), checksum };
  } catch (error) {
    return [`no key: ${error}`];
  }
  return Object.entries(computed)
    .filter(([name, value]) => vector[name] !== value)
    .map(([name, value]) => `${name} is ${vector[name]}, and computed is ${value}`);
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
