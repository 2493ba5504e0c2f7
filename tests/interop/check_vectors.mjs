// Recomputes the key of every vector from its body: check_vectors.mjs [FILE]

import { readFileSync } from "node:fs";

import * as idempotency from "./idempotency.mjs";

function main(path) {
  const file = JSON.parse(readFileSync(path, "utf8"));
  const checked = [
    ...file.vectors.map((vector) => [vector.name, problemsOf(vector)]),
    ...file.refused.map((refused) => [refused.name, problemsOfRefused(refused)]),
    ...file.refused_identities.map((refused) => [refused.name, problemsOfRefusedIdentity(refused)]),
  ];
  const failed = checked.filter(([, problems]) => problems.length > 0);
  for (const [name, problems] of failed) {
    console.log(`${name}: ${problems.join(", ")}`);
  }
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
  idempotency.checkIdentity(refused.identity);
  const key = unlessRefused(() => recompute(refused).key);
  return key === undefined ? problems : [...problems, `the key is ${key}`];
}

// Whether a document is read, although it is of no identity.
function problemsOfRefusedIdentity(refused) {
  const problems = refused.checksum === checksumOf(refused) ? [] : ["the checksum does not fit"];
  const identity = unlessRefused(() => idempotency.readIdentity(refused.identity));
  return identity === undefined ? problems : [...problems, "it is read"];
}

// What is computed, if it is. A TypeError is no refusal, but a mistake in the port.
function unlessRefused(compute) {
  try {
    return compute();
  } catch (error) {
    if (error instanceof TypeError) {
      throw error;
    }
    return undefined;
  }
}

// The key of the vector itself: no byte of it can change unnoticed.
function checksumOf(vector) {
  return idempotency.idempotencyKey(JSON.stringify(vector), { exclude: ["checksum"] });
}

// All that follows from the body, and from what identifies it.
function recompute({ body, identity, secret }) {
  const canonical = idempotency.canonicalText(body, identity);
  const bytesOf = (hex) => (hex === undefined ? undefined : Buffer.from(hex, "hex"));
  const digest = idempotency.digestOf(canonical, bytesOf(secret));
  const bytes = Buffer.from(canonical, "utf8");
  return {
    canonical,
    canonical_hex: bytes.length === canonical.length ? undefined : bytes.toString("hex"),
    key: idempotency.keyOf(digest),
    short: idempotency.shortOf(digest),
    uuid: idempotency.uuidOf(digest),
  };
}

const committed = new URL("../../agentidemp/vectors/v1.json", import.meta.url);
process.exitCode = main(process.argv[2] ?? committed);
