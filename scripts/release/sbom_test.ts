import assert from "node:assert/strict";
import { z } from "zod";
import { type Lock, renderSbom } from "./sbom.ts";

const SHA = `sha512-${btoa("0".repeat(64))}`;

const LOCK: Lock = {
  specifiers: { "npm:@a/one@1.0.0": "1.0.0_two@2.0.0", "npm:test@1.0.0": "1.0.0", "npm:@a/one@*": "9.9.9" },
  npm: {
    "@a/one@1.0.0_two@2.0.0": { integrity: SHA, dependencies: ["two", "three@3.1.0"] },
    "two@2.0.0": { integrity: SHA },
    "three@3.0.0": { integrity: SHA },
    "three@3.1.0": { integrity: SHA },
    "test@1.0.0": { integrity: SHA, dependencies: ["three@3.0.0"] },
  },
};

/** What is read back of an SBOM. */
const Bom = z.object({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.literal("1.6"),
  components: z.array(z.object({
    "bom-ref": z.string(),
    "name": z.string(),
    "version": z.string(),
    "scope": z.enum(["required", "excluded"]),
    "purl": z.string(),
    "hashes": z.array(z.object({ alg: z.literal("SHA-512"), content: z.string() })).optional(),
  })),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

Deno.test("renderSbom() lists what is shipped as required, and what only builds and tests use as excluded", () => {
  const subject = { version: "1.2.3", denoVersion: "2.9.6", imported: ["@a/one"] };
  const bom = Bom.parse(JSON.parse(renderSbom(LOCK, subject)));
  assert.deepEqual(bom.components.map(({ name, version, scope }) => `${name}@${version} ${scope}`), [
    "deno@2.9.6 required",
    "@a/one@1.0.0 required",
    "test@1.0.0 excluded",
    "three@3.0.0 excluded",
    "three@3.1.0 required",
    "two@2.0.0 required",
  ]);
  assert.equal(bom.components[1]?.purl, "pkg:npm/%40a/one@1.0.0");
  assert.equal(bom.components[1]?.hashes?.[0]?.content, "30".repeat(64));
  assert.deepEqual(bom.dependencies[0], {
    ref: "agentos@1.2.3",
    dependsOn: ["@a/one@1.0.0_two@2.0.0", "deno@2.9.6"],
  });
  const refs = new Set(["agentos@1.2.3", ...bom.components.map((component) => component["bom-ref"])]);
  for (const { ref, dependsOn } of bom.dependencies) {
    for (const name of [ref, ...dependsOn]) assert.ok(refs.has(name), name);
  }
  assert.equal(renderSbom(LOCK, subject), renderSbom(LOCK, subject));
});

Deno.test("renderSbom() refuses a lock that does not hold what is imported", () => {
  const subject = { version: "1", denoVersion: "2", imported: ["four"] };
  assert.throws(() => renderSbom(LOCK, subject), /no package "four"/);
});

Deno.test("renderSbom() understands the project's own lock file", async () => {
  const lock: Lock = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)));
  const subject = { version: "1.0.0", denoVersion: "2.9.6", imported: ["@modelcontextprotocol/sdk", "zod"] };
  const bom = Bom.parse(JSON.parse(renderSbom(lock, subject)));
  assert.equal(bom.components.length, Object.keys(lock.npm).length + 1);
});
