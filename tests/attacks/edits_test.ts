/**
 * Attacks on edits: stale and ambiguous texts, bytes that must survive, files that are shared, disks that are full.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ask, inFolder, IS_ROOT, namesIn, requireUntouched, runSetup } from "./file_traps.ts";
import { requireRefusal, SECRET, testAttacks, type ToolReply, type Victim } from "./victim.ts";

/** Calls fs_replace. */
function replace(
  victim: Victim,
  path: string,
  oldText: string,
  newText: string,
  more = {},
): Promise<ToolReply> {
  return ask(victim, { tool: "agentOS_fs_replace", input: { path, oldText, newText, ...more } });
}

/** Calls fs_write. */
function write(victim: Victim, path: string, content: string, more = {}): Promise<ToolReply> {
  return ask(victim, { tool: "agentOS_fs_write", input: { path, content, ...more } });
}

/** A string of which each unit is one byte. */
function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}

function toText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

testAttacks("attacks on edits", {
  "a stale, an ambiguous, an overlapping and an empty text change not one byte": async (victim) => {
    await inFolder(victim, async (folder) => {
      const path = join(folder, "file.txt");
      const content = "one\r\n\ttwo\ntwo\naaa\n  indented\n";
      await Deno.writeTextFile(path, content);
      const before = await Deno.stat(path);
      requireRefusal(await replace(victim, path, "three", "x"), /^file\.no_match/);
      requireRefusal(await replace(victim, path, "two", "x"), /^file\.ambiguous/);
      requireRefusal(await replace(victim, path, "two", "x", { expectedCount: 3 }), /^file\.ambiguous/);
      requireRefusal(await replace(victim, path, "aa", "x"), /^file\.ambiguous/);
      requireRefusal(await replace(victim, path, "", "x"), /^tool\.input/);
      requireRefusal(await replace(victim, path, "one", "x", { expectedCount: 0 }), /^tool\.input/);
      // Nothing is fuzzy: no other indent, no other quotes, no other case.
      requireRefusal(await replace(victim, path, "    indented", "x"), /^file\.no_match/);
      requireRefusal(await replace(victim, path, "ONE", "x"), /^file\.no_match/);
      requireRefusal(await write(victim, path, "x", { ifSha256: "0".repeat(64) }), /^file\.stale/);
      requireRefusal(await write(victim, path, "x", { ifSha256: "none" }), /^path\.exists/);
      equal((await replace(victim, path, "one", "x", { dryRun: true })).isError, false);
      equal(await Deno.readTextFile(path), content);
      equal((await Deno.stat(path)).mtime?.getTime(), before.mtime?.getTime());
      deepEqual(await namesIn(folder), ["file.txt"]);
    });
  },
  "the new text is literal": async (victim) => {
    await inFolder(victim, async (folder) => {
      const path = join(folder, "file.txt");
      for (const text of ["$&", "$1", "$$", "$`", "$'", "\\n", "${HOME}", "`id`", "%s", "\\u0041"]) {
        await Deno.writeTextFile(path, "before old after\n");
        equal((await replace(victim, path, "old", text)).isError, false);
        equal(await Deno.readTextFile(path), `before ${text} after\n`);
        // As the text that is looked for, too.
        equal((await replace(victim, path, text, "old")).isError, false);
        equal(await Deno.readTextFile(path), "before old after\n");
      }
      await Deno.writeTextFile(path, "a.c\nabc\n");
      equal((await replace(victim, path, "a.c", "x")).isError, false);
      equal(await Deno.readTextFile(path), "x\nabc\n");
    });
  },
  "CRLF, byte order marks, invalid bytes and the missing last line end survive an edit": async (victim) => {
    await inFolder(victim, async (folder) => {
      const path = join(folder, "file.txt");
      const cases: readonly (readonly [string, string, string, string])[] = [
        ["a\r\nb\r\nc\r\n", "a\nb", "A\nB\nB", "A\r\nB\r\nB\r\nc\r\n"],
        ["a\r\nb\nc\r\n", "b\nc", "B\nC", "a\r\nB\nC\r\n"],
        ["\xef\xbb\xbfone\ntwo", "one", "1", "\xef\xbb\xbf1\ntwo"],
        ["caf\xe9 \xff\xfe\x80 one\n", "one", "two", "caf\xe9 \xff\xfe\x80 two\n"],
        ["\xff\xfeo\0n\0e\0\n\0", "one", "two", "\xff\xfet\0w\0o\0\n\0"],
        ["\xfe\xff\0o\0n\0e", "one", "two", "\xfe\xff\0t\0w\0o"],
        ["one\rtwo", "one", "1", "1\rtwo"],
        ["x\x0c\x0b one \xc2\x85\xe2\x80\xa8", "one", "1", "x\x0c\x0b 1 \xc2\x85\xe2\x80\xa8"],
      ];
      for (const [before, oldText, newText, after] of cases) {
        await Deno.writeFile(path, toBytes(before));
        const reply = await replace(victim, path, oldText, newText);
        equal(reply.isError, false, `${JSON.stringify(before)}: ${reply.text}`);
        equal(toText(await Deno.readFile(path)), after);
      }
    });
  },
  "what is not text is reported, and neither shown nor edited": async (victim) => {
    await inFolder(victim, async (folder) => {
      const files: Readonly<Record<string, string>> = {
        "program.bin": `\x7fELF\x02\x01\x01${"\0".repeat(100)}${SECRET}`,
        "late.bin": `${"text ".repeat(100)}\0${SECRET}`,
        "image.png": `\x89PNG\r\n\x1a\n\0\0\0\rIHDR${SECRET}`,
      };
      for (const [name, content] of Object.entries(files)) {
        const path = join(folder, name);
        await Deno.writeFile(path, toBytes(content));
        const reply = await ask(victim, { tool: "agentOS_fs_read", input: { path } });
        equal(reply.isError, false);
        ok(!reply.raw.includes("secret") && !reply.raw.includes("\\ufffd") && !reply.raw.includes("\ufffd"));
        equal(reply.data["sizeBytes"], content.length);
        requireRefusal(await replace(victim, path, SECRET, "x"), /^file\.binary/);
        equal(toText(await Deno.readFile(path)), content);
      }
    });
  },
  "mode and owner are kept, and no temporary file is left behind": async (victim) => {
    await inFolder(victim, async (folder) => {
      for (const mode of [0o600, 0o640, 0o755]) {
        const path = join(folder, "file.txt");
        await Deno.writeTextFile(path, "old\n");
        await Deno.chmod(path, mode);
        if (IS_ROOT) await Deno.chown(path, 1234, 1234);
        equal((await replace(victim, path, "old", "new")).isError, false);
        equal((await write(victim, path, "newer\n")).isError, false);
        const { mode: kept, uid } = await Deno.stat(path);
        equal((kept ?? 0) & 0o7777, mode);
        if (IS_ROOT) equal(uid, 1234);
        await Deno.remove(path);
      }
      // Rights that a caller must not get by writing a program of its own over one that has them.
      const path = join(folder, "suid");
      await Deno.writeTextFile(path, "old\n");
      await Deno.chmod(path, 0o4755);
      equal((await write(victim, path, "#!/bin/sh\n")).isError, false);
      equal(((await Deno.stat(path)).mode ?? 0) & 0o7000, 0);
      await Deno.chmod(path, 0o444);
      requireRefusal(await write(victim, path, "x"), /^path\.denied/);
      deepEqual(await namesIn(folder), ["suid"]);
    });
  },
  "a hard link to an outside file is cut, never written through": async (victim) => {
    // A hard link has no other end that could be looked at, so reading it is reading a file of the root.
    await inFolder(victim, async (folder) => {
      const path = join(folder, "hard.txt");
      for (
        const change of [
          (): Promise<ToolReply> => write(victim, path, "stolen"),
          (): Promise<ToolReply> => replace(victim, path, "secret", "stolen"),
        ]
      ) {
        await Deno.link(join(victim.outside, "secret.txt"), path);
        equal((await change()).isError, false);
        await requireUntouched(victim);
        match(await Deno.readTextFile(path), /stolen/);
        await Deno.remove(path);
      }
    });
  },
  "contents of 4 MiB and more are written whole or refused": async (victim) => {
    await inFolder(victim, async (folder) => {
      const path = join(folder, "large.txt");
      await Deno.writeTextFile(path, "old\n");
      for (const content of ["x".repeat(4 * 1024 * 1024 + 1), "x".repeat(5_000_000), "é".repeat(2_200_000)]) {
        const reply = await victim.post(
          "/mcp",
          JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "tools/call",
            params: { name: "agentOS_fs_write", arguments: { path, content } },
          }),
        );
        ok(reply.status === 413 || /file\.too_large/.test(reply.body), `${reply.status}`);
        ok(reply.body.length < 10_240);
        equal(await Deno.readTextFile(path), "old\n");
      }
      const most = "y".repeat(4 * 1024 * 1024 - 4_096);
      equal((await write(victim, path, most)).isError, false);
      equal((await Deno.stat(path)).size, most.length);
      requireRefusal(await write(victim, path, "half \ud83d of a character"), /^tool\.input/);
      // A replacement may not multiply a file without end.
      await Deno.writeTextFile(path, "a\n".repeat(10_000));
      const grown = await replace(victim, path, "a", "b".repeat(1_000_000), { expectedCount: 10_000 });
      requireRefusal(grown, /^file\.too_large/);
      equal((await Deno.stat(path)).size, 20_000);
      deepEqual(await namesIn(folder), ["large.txt"]);
    });
  },
  "names of arguments without end are not sent back": async (victim) => {
    const path = victim.home.root;
    const inputs = [
      { path, ["k".repeat(3_000_000)]: 1 },
      { path, ...Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key-${index}`, index])) },
      Array.from({ length: 100_000 }, () => 1),
    ];
    for (const tool of ["agentOS_fs_list", "agentOS_fs_read", "agentOS_git_push", "read_portfolio_file"]) {
      for (const input of inputs) {
        const reply = await victim.post(
          "/mcp",
          JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "tools/call",
            params: { name: tool, arguments: input },
          }),
        );
        ok(reply.body.length < 10_240, `${tool}: ${reply.body.length} bytes`);
        ok(!/"isError":false|internal/.test(reply.body), reply.body.slice(0, 300));
      }
    }
    const nameless = await victim.call("t".repeat(3_000_000), {});
    ok(nameless.isError && nameless.raw.length < 10_240, `${nameless.raw.length} bytes`);
    const method = await victim.post(
      "/mcp",
      JSON.stringify({ jsonrpc: "2.0", id: 1, method: "m".repeat(3e6) }),
    );
    ok(method.body.length < 10_240, `${method.body.length} bytes`);
  },
  "a full disk leaves the old file as it was": async (victim) => {
    if (!IS_ROOT) return; // Only root may mount a small disk.
    await inFolder(victim, async (folder) => {
      const disk = join(folder, "disk");
      await Deno.mkdir(disk);
      await runSetup("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk);
      try {
        const path = join(disk, "file.txt");
        await Deno.writeTextFile(path, "old\n");
        requireRefusal(await write(victim, path, "x".repeat(3_000_000)), /^file\.write_failed/);
        requireRefusal(await write(victim, join(disk, "new"), "x".repeat(3_000_000)), /^file\.write_failed/);
        requireRefusal(await replace(victim, path, "old", "x".repeat(1_048_576)), /^file\.write_failed/);
        equal(await Deno.readTextFile(path), "old\n");
        deepEqual(await namesIn(disk), ["file.txt"]);
        equal((await write(victim, path, "new\n")).isError, false);
        equal(await Deno.readTextFile(path), "new\n");
      } finally {
        await runSetup("umount", disk);
      }
    });
  },
});
