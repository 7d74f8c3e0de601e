import assert from "node:assert/strict";
import { COMMANDS } from "../cli/commands.ts";
import { findName, isConfigName, keyOf, NAMES, pathOf } from "./keys.ts";
import { checkValue } from "./values.ts";

Deno.test("every key of CONFIG_KEYS says what it means, and what holds without it", () => {
  assert.ok(NAMES.length >= 10);
  for (const name of NAMES) {
    const key = keyOf(name);
    assert.match(name, /^[a-z_]+(\.(?:[a-z_]+|\*))*$/);
    assert.match(key.meaning, /^[^|.][^|]*[^.]$/, name);
    assert.ok(key.variable === undefined || /^[A-Z][A-Z0-9_]+$/.test(key.variable), name);
    assert.ok(key.adds !== true || key.type.kind === "paths" || key.type.kind === "names", name);
    if (key.default === undefined) continue;
    const fits = checkValue(key.type, key.default, { home: "/home/ada", platform: "linux" });
    assert.equal(fits.kind, "value", `the default of ${name} must fit its type`);
  }
});

Deno.test("every flag in CONFIG_KEYS is a flag of a command", () => {
  const flags = new Set(COMMANDS.flatMap((command) => command.flags.map((flag) => `--${flag}`)));
  for (const name of NAMES) {
    const { flag } = keyOf(name);
    if (flag !== undefined) assert.ok(flags.has(flag), `${name}: ${flag}`);
  }
});

Deno.test("findName() finds a key by its path", () => {
  assert.equal(findName(["server", "port"]), "server.port");
  assert.equal(findName(["server"]), undefined);
  assert.equal(findName(["constructor"]), undefined);
  assert.equal(isConfigName("toString"), false);
  assert.deepEqual(pathOf("server.port"), ["server", "port"]);
});
