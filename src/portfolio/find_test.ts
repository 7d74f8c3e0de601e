/** Holds the finding of portfolio files to its promise: every near spelling, and no path. @module */

import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import { findFilename, nameOf, notFound, uriOf } from "./find.ts";

const filenames = ["Notes.md", "current projects.md", "decision-log.md", "identity.md", "mål.md", "notes.md"];

function checkFound(wanted: string, expected: string | undefined): void {
  equal(findFilename(filenames, wanted), expected, wanted);
}

Deno.test("findFilename() takes a name, a file name and a URI, in any case", () => {
  checkFound("identity", "identity.md");
  checkFound("identity.md", "identity.md");
  checkFound("portfolio://identity.md", "identity.md");
  checkFound("portfolio://identity", "identity.md");
  checkFound("PORTFOLIO://Identity.MD", "identity.md");
  checkFound("  Decision-Log ", "decision-log.md");
  checkFound("portfolio://current%20projects.md", "current projects.md");
  checkFound("MÅL", "mål.md");
  checkFound("ma\u030al", "mål.md");
});

Deno.test("findFilename() prefers the exact spelling where two files differ in case only", () => {
  checkFound("notes", "notes.md");
  checkFound("Notes", "Notes.md");
  checkFound("NOTES", "Notes.md");
});

Deno.test("findFilename() reads each of two files by its name where one is called as the other with .md", () => {
  const both = ["x.md", "x.md.md"];
  for (const filename of both) {
    equal(findFilename(both, nameOf(filename)), filename);
    equal(findFilename(both, filename), filename);
  }
});

Deno.test("notFound() cuts what it repeats of a name at a whole character", () => {
  match(notFound([], `${"a".repeat(59)}😀`).message, /"a{59}\ufffd"/);
});

Deno.test("findFilename() matches no name that holds a path", () => {
  const attempts = [
    "",
    ".",
    "..",
    "../identity",
    "../../etc/passwd",
    "./identity.md",
    "/identity.md",
    "/etc/passwd",
    "identity.md/",
    "sub/identity.md",
    "..\\identity.md",
    "C:\\identity.md",
    "\\\\host\\share\\identity.md",
    "identity.md\0",
    "identity\0.md",
    "portfolio://../identity.md",
    "portfolio://%2e%2e%2fidentity.md",
    "portfolio://%252e%252e%252fidentity.md",
    "portfolio://%2569dentity.md",
    "portfolio:///identity.md",
    "portfolio://%",
    "file:///etc/passwd",
    "__proto__",
    "constructor",
  ];
  for (const attempt of attempts) checkFound(attempt, undefined);
});

Deno.test("findFilename() answers one of the given names or nothing, whatever it is asked", () => {
  fc.assert(fc.property(fc.array(fc.string()), fc.string({ unit: "binary" }), (names, wanted) => {
    const found = findFilename(names, wanted);
    return found === undefined || names.includes(found);
  }));
});

Deno.test("findFilename() finds every file by the name and the URI that are listed for it", () => {
  const filename = fc.string({ unit: "grapheme", minLength: 1 })
    .map((text) => `${text.trim()}x.md`)
    .filter((text) => !text.toLowerCase().startsWith("portfolio:") && nameOf(text).trim() === nameOf(text));
  fc.assert(fc.property(filename, (only) => {
    equal(findFilename([only], uriOf(only)), only);
    equal(findFilename([only], nameOf(only)), only);
  }));
});

Deno.test("notFound() names the closest files and keeps a hostile name short and on one line", () => {
  const near = notFound(filenames, "portfolio://identitty.md");
  equal(near.code, "portfolio.not_found");
  match(near.message, /^Cannot find "identitty\.md" in the portfolio: closest is identity$/);
  match(notFound(filenames, "current").message, /: closest is current projects$/);
  match(notFound(filenames, "note.md").message, /: closest are Notes, notes$/);
  const hostile = notFound(filenames, `\n${"x".repeat(100_000)}\0\u001b[31m`);
  equal(hostile.message.includes("\n"), false);
  equal(hostile.message.length < 200, true);
  match(notFound([], "identity").message, /: it is empty$/);
});

Deno.test("uriOf() escapes what a URI cannot hold", () => {
  deepEqual(["identity.md", "a b#c?.md"].map(uriOf), [
    "portfolio://identity.md",
    "portfolio://a%20b%23c%3F.md",
  ]);
});
