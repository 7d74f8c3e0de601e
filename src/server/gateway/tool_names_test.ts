import assert from "node:assert/strict";
import fc from "fast-check";
import { nameTools, type ToolName } from "./tool_names.ts";

const tool = (namespace: string | undefined, name: string): ToolName => ({ namespace, name });

const word = fc.oneof(
  fc.constantFrom("a", "b", "a__b", "b__c", "_", "__", "mcp__x", "read", "x".repeat(40), "y".repeat(70)),
  fc.string({ minLength: 1, maxLength: 80 }),
);
const tools = fc.array(
  fc.record({ namespace: fc.option(word, { nil: undefined }), name: word }, { noNullPrototype: true }),
  {
    maxLength: 12,
  },
);

Deno.test("nameTools() joins namespace and name, and knows the way back", () => {
  const names = nameTools([
    tool("mcp__agentOS_portfolio", "agentOS_fs_read"),
    tool(undefined, "exec_command"),
  ]);
  const flat = names.flatten(tool("mcp__agentOS_portfolio", "agentOS_fs_read"));
  assert.equal(flat, "mcp__agentOS_portfolio__agentOS_fs_read");
  assert.deepEqual(names.restore(flat), tool("mcp__agentOS_portfolio", "agentOS_fs_read"));
  assert.equal(names.flatten(tool(undefined, "exec_command")), "exec_command");
  assert.equal(names.restore("exec_command"), undefined);
  assert.equal(names.restore("never_offered"), undefined);
});

Deno.test("nameTools() tells apart what joins to the same text, and leaves plain functions alone", () => {
  const set = [tool("a", "b__c"), tool("a__b", "c"), tool(undefined, "a__b__c"), tool("d", "e")];
  const names = nameTools(set);
  assert.equal(names.flatten(tool(undefined, "a__b__c")), "a__b__c");
  assert.equal(names.flatten(tool("d", "e")), "d__e");
  const [one, other] = [names.flatten(tool("a", "b__c")), names.flatten(tool("a__b", "c"))];
  assert.match(one, /^a__b__c_[0-9a-f]{8}$/);
  assert.match(other, /^a__b__c_[0-9a-f]{8}$/);
  assert.notEqual(one, other);
});

Deno.test("nameTools() shortens what is too long, each differently", () => {
  const long = "n".repeat(70);
  const names = nameTools([tool("mcp__x", `${long}1`), tool("mcp__x", `${long}2`), tool(undefined, long)]);
  const flats = [tool("mcp__x", `${long}1`), tool("mcp__x", `${long}2`), tool(undefined, long)].map(
    names.flatten,
  );
  assert.equal(new Set(flats).size, 3);
  for (const flat of flats) assert.equal(flat.length, 64);
});

Deno.test("nameTools() names a tool of the conversation that is offered no longer without touching the others", () => {
  const offered = [tool("mcp__x", "t")];
  const names = nameTools(offered, [tool(undefined, "mcp__x__t"), tool("gone", "u"), tool("mcp__x", "t")]);
  assert.equal(names.flatten(tool("mcp__x", "t")), nameTools(offered).flatten(tool("mcp__x", "t")));
  assert.match(names.flatten(tool(undefined, "mcp__x__t")), /^mcp__x__t_[0-9a-f]{8}$/);
  assert.equal(names.flatten(tool("gone", "u")), "gone__u");
});

Deno.test("nameTools() changes nothing where no tool has a namespace", () => {
  assert.equal(nameTools([tool(undefined, "a"), tool(undefined, "b")]).changes, false);
  assert.equal(nameTools([tool("n", "a")]).changes, true);
});

Deno.test("for any set of tools: names are valid, different, reversible, and do not hang on the order", () => {
  fc.assert(fc.property(tools, tools, (offered, remembered) => {
    const names = nameTools(offered, remembered);
    const again = nameTools(offered.toReversed(), remembered.toReversed());
    const seen = new Map<string, string>();
    for (const one of [...offered, ...remembered]) {
      const flat = names.flatten(one);
      assert.match(flat, /^[A-Za-z0-9_-]{1,64}$/);
      const key = JSON.stringify([one.namespace ?? null, one.name]);
      assert.equal(seen.get(flat) ?? key, key);
      seen.set(flat, key);
      assert.deepEqual(names.restore(flat) ?? tool(undefined, flat), one);
      assert.equal(again.flatten(one), flat);
    }
  }));
});
