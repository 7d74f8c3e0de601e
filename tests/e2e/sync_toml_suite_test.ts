/**
 * The public test suite of TOML (BurntSushi's toml-test, as Debian ships it) as users' files: each valid document takes our
 * fragment and gives it back, each invalid one is refused with a line.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openOutput } from "../../src/cli/output.ts";
import { planTomlKeys, type TomlKeysPlan } from "../../src/sync/formats/toml_keys.ts";
import { isTomlTable, parseToml, valueAt, valuesEqual } from "../../src/base/toml_values.ts";
import { decodeUtf8 } from "../../src/sync/read.ts";
import { unpackDebian } from "./debian.ts";

/** Observed in 1.2.0 (Debian 12): the suite lies in `internal/toml-test/tests/{valid,invalid}`. */
const PACKAGE = "golang-github-burntsushi-toml-dev";

const FRAGMENT = `agentos_root = "ours"

[mcp_servers.agentOS-portfolio]
url = "http://127.0.0.1:8787/mcp"

[[agentos_elements]]
k = 1
`;
const NEWS = FRAGMENT.replace("8787", "9000").replace("k = 1", "k = 1\nj = 2");

/** Every document of the suite with its path, split in two; undefined where Debian's archive cannot be reached. */
async function readSuite(): Promise<
  Readonly<Record<"valid" | "invalid", ReadonlyMap<string, Uint8Array>>> | undefined
> {
  const folder = await unpackDebian(PACKAGE);
  if (folder === undefined) {
    openOutput(true).talk(`skipped: ${PACKAGE} cannot be had from Debian here`);
    return undefined;
  }
  const suite = { valid: new Map<string, Uint8Array>(), invalid: new Map<string, Uint8Array>() };
  const visit = (path: string): void => {
    for (const entry of Deno.readDirSync(path)) {
      const below = join(path, entry.name);
      if (entry.isDirectory) visit(below);
      else if (entry.name.endsWith(".toml")) {
        const kind = /\/tests\/(valid|invalid)\//.exec(below)?.[1];
        if (kind === "valid" || kind === "invalid") suite[kind].set(below, Deno.readFileSync(below));
      }
    }
  };
  visit(folder);
  return suite;
}

function push(target: string | undefined, actual: string, before?: TomlKeysPlan): TomlKeysPlan {
  const applied = before === undefined || before.kind === "refuse" ? undefined : before.applied;
  return planTomlKeys({ target, actual, applied, take: undefined, retired: [] });
}

function textAfter(plan: TomlKeysPlan, before: string): string {
  assert.notEqual(plan.kind, "refuse", JSON.stringify(plan));
  return plan.kind === "write" ? plan.text : before;
}

Deno.test("every valid document of the TOML suite takes our fragment, keeps its values, and has its bytes back", async () => {
  const suite = await readSuite();
  if (suite === undefined) return;
  assert.ok(suite.valid.size >= 80, `only ${suite.valid.size} documents`);
  for (const [path, bytes] of suite.valid) {
    const decoded = decodeUtf8(bytes);
    assert.ok(decoded.kind === "text", path);
    const before = parseToml(decoded.text.replace("\ufeff", ""));
    assert.ok(before.kind === "table", path);
    const first = push(FRAGMENT, decoded.text);
    const text = textAfter(first, decoded.text);
    const after = parseToml(text.replace("\ufeff", ""));
    assert.ok(after.kind === "table" && isTomlTable(after.table), path);
    for (const key of Object.keys(before.table)) {
      assert.ok(valuesEqual(valueAt(after.table, [key]), valueAt(before.table, [key])), `${path}: ${key}`);
    }
    assert.equal(push(FRAGMENT, text, first).kind, "same", path);
    const second = push(NEWS, text, first);
    const newer = textAfter(second, text);
    assert.equal(textAfter(push(undefined, newer, second), newer), decoded.text, path);
  }
});

Deno.test("every invalid document of the TOML suite is refused with a line of it", async () => {
  const suite = await readSuite();
  if (suite === undefined) return;
  let refused = 0;
  const accepted: string[] = [];
  for (const [path, bytes] of suite.invalid) {
    const decoded = decodeUtf8(bytes);
    if (decoded.kind === "not-utf8") {
      assert.ok(decoded.line >= 1);
      refused++;
      continue;
    }
    const plan = push(FRAGMENT, decoded.text);
    if (plan.kind !== "refuse") {
      accepted.push(path.slice(path.indexOf("/tests/")));
      assert.equal(textAfter(push(undefined, textAfter(plan, ""), plan), ""), decoded.text, path);
      continue;
    }
    refused++;
    const lines = decoded.text.split("\n").length + 1;
    for (const { line } of plan.problems) assert.ok(line >= 1 && line <= lines, `${path}: line ${line}`);
  }
  // What TOML 1.1 allows since this suite was made: read as the user wrote them, changed in nothing.
  assert.ok(accepted.length <= 7 && refused >= 150, `${refused} refused; accepted: ${accepted.join(" ")}`);
});
