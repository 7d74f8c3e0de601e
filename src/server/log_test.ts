import assert from "node:assert/strict";
import { maskSecrets, openLog } from "./log.ts";
import { openRotatedFile } from "./log_file.ts";

async function withFolder(work: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-log-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openLog() writes one line per event, as text or JSON, to the stream and the file", () =>
  withFolder(async (folder) => {
    for (const format of ["text", "json"] as const) {
      const file = `${folder}/logs/${format}.log`;
      let written = "";
      const log = openLog({ format, file, write: (line) => written += new TextDecoder().decode(line) });
      log.info("request", { id: 1, path: "/mcp", ok: true, tool: undefined });
      log.warn("refused", { host: `a b"\n2026 INFO forged=1 \u001b[31m` });
      assert.match(written, /refused/, "trouble is said at once");
      log.info("last");
      log.close();
      assert.ok(written.endsWith("\n"));
      const lines = written.trimEnd().split("\n");
      assert.equal(lines.length, 3);
      assert.ok(lines.every((line) => !line.includes("\u001b")));
      assert.equal(await Deno.readTextFile(file), written);
      if (format === "text") {
        assert.match(lines[0] ?? "", /^\d{4}-\S+Z INFO request id=1 path=\/mcp ok=true$/);
      } else {
        const { level, message, logger, id, path } = JSON.parse(lines[0] ?? "");
        assert.deepEqual([level, message, logger, id, path], [
          "INFO",
          "request",
          "agentos.worker",
          1,
          "/mcp",
        ]);
      }
    }
  }));

Deno.test("openLog() writes lines of a busy moment together, in order, each with its secrets masked", () => {
  const writes: string[] = [];
  const log = openLog({
    format: "text",
    file: undefined,
    write: (lines) => writes.push(new TextDecoder().decode(lines)),
  });
  for (let id = 0; id < 300; id++) log.info("request", { id, key: "sk-abcdefghijklmnop" });
  assert.ok(writes.length > 0, "so many do not wait");
  assert.ok(writes.length < 10);
  log.close();
  const lines = writes.join("").trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => line.split(" ").slice(2).join(" ")),
    Array.from({ length: 300 }, (_, id) => `request id=${id} key=sk-***`),
  );
});

Deno.test("maskSecrets() leaves nothing that looks like a token or a key", () => {
  const secrets = [
    "Authorization: Bearer abcdefghijklmnop",
    `{"authorization":"bearer abcdefghijklmnop"}`,
    "Basic abcdefghijklmnop",
    "OPENROUTER_API_KEY=sk-or-v1-abcdefghijklmnop",
    "ghp_abcdefghijklmnop1234",
    "github_pat_abcdefghijklmnop",
    "eyJabcdefghijklmnop.eyJabcdefghijklmnop.abcdefghijklmnop",
    "https://user:abcdefghijklmnop@example.org/x",
    JSON.stringify("-----BEGIN OPENSSH PRIVATE KEY-----\nabcdefghijklmnop"),
  ];
  for (const secret of secrets) assert.doesNotMatch(maskSecrets(secret), /abcdefghijklmnop/, secret);
  const plain =
    `2026-11-23T06:48:09.522Z INFO request id=1 method=POST path=/mcp tool=agentOS_fs_read file=/a/sk-1/b`;
  assert.equal(maskSecrets(plain), plain);
  assert.equal(maskSecrets(`the word bearer\n${plain}\n`), `the word bearer\n${plain}\n`);
});

Deno.test("openRotatedFile() keeps a bounded number of bounded files", () =>
  withFolder(async (folder) => {
    const path = `${folder}/logs/agentos.log`;
    const line = (text: string): Uint8Array => new TextEncoder().encode(`${text}\n`);
    const first = openRotatedFile(path, { maxBytes: 20, keep: 2 });
    for (const text of ["one 45678", "two 45678", "three 678"]) first.write(line(text));
    first.close();
    const second = openRotatedFile(path, { maxBytes: 20, keep: 2 });
    for (
      const text of ["four 5678", "five 5678", "longer than a whole file may be", "six 45678", "seven 678"]
    ) {
      second.write(line(text));
    }
    second.close();
    const names = [...Deno.readDirSync(`${folder}/logs`)].map(({ name }) => name).toSorted();
    assert.deepEqual(names, ["agentos.log", "agentos.log.1", "agentos.log.2"]);
    assert.equal(await Deno.readTextFile(path), "six 45678\nseven 678\n");
    assert.equal(await Deno.readTextFile(`${path}.1`), "longer than a whole file may be\n");
    if (Deno.build.os !== "windows") assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("openRotatedFile() says why it cannot write, and later stays silent", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    assert.throws(() => openRotatedFile(`${folder}/file/agentos.log`), { code: "state.unusable" });
    const file = openRotatedFile(`${folder}/logs/agentos.log`, { maxBytes: 1, keep: 1 });
    await Deno.remove(`${folder}/logs`, { recursive: true });
    file.write(new TextEncoder().encode("lost\n"));
    file.write(new TextEncoder().encode("lost\n"));
    file.close();
  }));
