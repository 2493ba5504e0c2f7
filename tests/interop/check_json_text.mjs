// Compares the port with a table of JSON texts and what becomes of them: ../data/json_text.tsv

import { readFileSync } from "node:fs";

import { canonicalText } from "./idempotency.mjs";

function main() {
  const table = readFileSync(new URL("../data/json_text.tsv", import.meta.url), "utf8");
  const lines = table.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const failed = lines.map((line) => problemOf(line.split("\t"))).filter(Boolean);
  failed.forEach((problem) => console.log(problem));
  console.log(`${lines.length - failed.length} texts passed, ${failed.length} failed`);
  return lines.length > 0 && failed.length === 0 ? 0 : 1;
}

// What is not as the table says: a canonical form, or none.
function problemOf([, text, outcome, why]) {
  const expected = outcome.startsWith("= ") ? unescaped(outcome.slice(2)).toString() : null;
  let canonical;
  try {
    canonical = canonicalText(unescaped(text));
  } catch {
    canonical = null;
  }
  return canonical === expected ? null : `${text} (${why}): ${outcome}, and is ${canonical}`;
}

// The bytes of a text in which % and two hex digits are a byte.
function unescaped(text) {
  const parts = text.split(/%([0-9A-F]{2})/);
  const bytes = parts.map((part, index) => Buffer.from(part, index % 2 === 0 ? "utf8" : "hex"));
  return Buffer.concat(bytes);
}

process.exitCode = main();
