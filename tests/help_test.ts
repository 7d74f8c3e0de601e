/**
 * `agentos help TOPIC`: every topic is there, fits a terminal, and names only commands, flags, variables and settings that
 * exist.
 *
 * @module
 */

import assert from "node:assert/strict";
import { COMMANDS } from "../src/cli/commands.ts";
import { keyOf, NAMES } from "../src/config/keys.ts";
import { TOPICS } from "../src/help/model.ts";
import { TOPIC_TEXTS } from "../src/help/texts.ts";
import { openSyncSandbox } from "./sync_sandbox.ts";

const PATHS = new Set(COMMANDS.flatMap(({ path }) => path.map((_, at) => path.slice(0, at + 1).join(" "))));
const FLAGS = new Set([
  "--help",
  "--debug",
  ...COMMANDS.flatMap(({ flags }) => flags.flatMap((flag) => [`--${flag}`, `--no-${flag}`])),
]);
const VARIABLES = new Set([
  "AGENTOS_STATE",
  "AGENTOS_TOKEN",
  ...NAMES.flatMap((name) => keyOf(name).variable ?? []),
]);

for (const [topic, text] of Object.entries(TOPIC_TEXTS)) {
  Deno.test(`the topic ${topic} fits a terminal and names what exists`, () => {
    for (const line of text.split("\n")) assert.ok(line.length <= 81, line);
    assert.match(text, new RegExp(`^${topic.toUpperCase()}: `));
    for (const [, words = ""] of text.matchAll(/(?<!\/)\bagentos ((?:[a-z]+ ?)+)/g)) {
      const [first = "", second = ""] = words.split(" ");
      const group = COMMANDS.some(({ path }) => path[0] === first && path.length > 1);
      assert.ok(PATHS.has(first), `agentos ${words}`);
      const isPositional = ["help", "usage"].includes(first);
      if (group && second !== "" && !isPositional) {
        assert.ok(PATHS.has(`${first} ${second}`), `agentos ${words}`);
      }
    }
    for (const [flag] of text.matchAll(/--[a-z][a-z-]+/g)) assert.ok(FLAGS.has(flag), flag);
    for (const [name] of text.matchAll(/AGENTOS_[A-Z_]+/g)) assert.ok(VARIABLES.has(name), name);
    for (const [, name = ""] of text.matchAll(/"((?:server|git|sync)\.[a-z_]+)"/g)) {
      assert.ok(NAMES.some((known) => known === name), name);
    }
  });
}

Deno.test("agentos help lists the topics, prints one, and knows commands too", async () => {
  await using sandbox = await openSyncSandbox();
  const list = await sandbox.run("help");
  for (const topic of Object.keys(TOPICS)) assert.match(list.stdout, new RegExp(`^ {2}${topic} +\\S`, "m"));
  assert.equal((await sandbox.run("help", "roots")).stdout, `${TOPIC_TEXTS.roots.trimEnd()}\n`);
  assert.match((await sandbox.run("help", "sync", "push")).stdout, /^USAGE\n {2}agentos sync push/);
  assert.match((await sandbox.run("help", "serve")).stdout, /^USAGE\n {2}agentos serve/);
  const { code, stderr } = await sandbox.run("help", "nonsense");
  assert.equal(code, 2);
  assert.match(stderr, /There is no topic and no command "nonsense"\nhint: Topics are start, repo, roots/);
});
