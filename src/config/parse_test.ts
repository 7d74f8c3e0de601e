import assert from "node:assert/strict";
import { AppError } from "../base/errors.ts";
import { type FileEntry, parseConfig } from "./parse.ts";
import type { Surroundings } from "./values.ts";

const linux: Surroundings = { home: "/home/ada", platform: "linux" };

function read(text: string, around = linux): readonly FileEntry[] {
  return parseConfig(text, "config.toml", around);
}

/** What is said of a text: `line:column message / hint`. */
function refusal(text: string, around = linux): string {
  try {
    read(text, around);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "config.invalid");
    assert.equal(error.where?.file, "config.toml");
    return `${error.where?.line}:${error.where?.column} ${error.message} / ${error.hint}`;
  }
  return "nothing";
}

Deno.test("parseConfig() answers values with their lines, and puts the home folder in", () => {
  assert.deepEqual(
    read('\ufeffrepo = "~/brain"\n\n[server]\r\n  port = 9000 # mine\nroots = ["/a", "~"]\n'),
    [
      { path: ["repo"], value: "/home/ada/brain", line: 1 },
      { path: ["server", "port"], value: 9000, line: 4 },
      { path: ["server", "roots"], value: ["/a", "/home/ada"], line: 5 },
    ],
  );
  assert.deepEqual(read(""), []);
  assert.deepEqual(read("server.log_file = true\n"), [{
    path: ["server", "log_file"],
    value: true,
    line: 1,
  }]);
  assert.deepEqual(read("\nserver = { port = 1 }\n"), [{ path: ["server", "port"], value: 1, line: 2 }]);
});

Deno.test("parseConfig() names an unknown key with its place and the key that was meant", () => {
  assert.match(
    refusal("[server]\n  prot = 1\n"),
    /^2:3 There is no setting server\.prot \/ Did you mean server\.port\? Mend it with "agentos config edit"\.$/,
  );
  assert.match(refusal("port = 1\n"), /^1:1 There is no setting port \/ Did you mean server\.port\? /);
  assert.match(refusal("\n[servr]\nport = 1\n"), /^2:1 There is no setting servr /);
  assert.match(refusal('[server]\n"read-only-roots" = []\n'), /Did you mean server\.read_only_roots\?/);
  assert.match(
    refusal("[nothing.like.it]\nx = 1\n"),
    /There is no setting nothing \/ Mend it with "agentos config edit"\.$/,
  );
});

Deno.test("parseConfig() says what a value must be", () => {
  for (
    const [text, said] of [
      ["[server]\nport = 70000\n", "2:1 server.port must be a whole number from 0 to 65535"],
      ["[server]\nport = 1.5\n", "2:1 server.port must be a whole number from 0 to 65535"],
      ["[server]\nport = nan\n", "2:1 server.port must be a whole number"],
      [
        "[server]\nport = 99999999999999999999\n",
        "2:8 This is not TOML: a whole number of more than 64 bits",
      ],
      ['[server]\nport = "80"\n', "2:1 server.port must be a whole number"],
      ["[server]\nport = 2026-11-23\n", "2:1 server.port must be a whole number"],
      ['[server]\nlog_file = "yes"\n', "2:1 server.log_file must be true or false"],
      ['[server]\nlog_format = "xml"\n', '2:1 server.log_format must be one of "text", "json"'],
      [
        '[server]\nallow_run = ["git", "/bin/sh"]\n',
        "2:1 server.allow_run must be a list of texts in quotes, each",
      ],
      ['repo = "brain"\n', "1:1 repo must be an absolute path in quotes; ~/ stands for"],
      ['repo = ""\n', "1:1 repo must be an absolute path"],
      ['repo = "/a\\nb"\n', "1:1 repo must be an absolute path"],
      ['[git]\ntrusted = ["/a", "b"]\n', "2:1 git.trusted must be a list of absolute paths"],
      ["server = 1\n", "1:1 server must be a table: [server]"],
      ["[[server]]\nport = 1\n", "1:1 server must be a table: [server]"],
      ["[repo]\nx = 1\n", "1:1 repo must be an absolute path"],
    ] as const
  ) assert.ok(refusal(text).startsWith(said), `${JSON.stringify(text)}: ${refusal(text)}`);
});

Deno.test("parseConfig() names every mistake at once, in the order of the file", () => {
  assert.equal(
    refusal("[server]\nport = -1\nprot = 1\n[git]\ntrusted = 1\n").split(" / ")[0],
    "2:1 server.port must be a whole number from 0 to 65535; line 3: There is no setting server.prot; " +
      "line 5: git.trusted must be a list of absolute paths in quotes; ~/ stands for your home folder",
  );
});

Deno.test("parseConfig() says where a text is not TOML", () => {
  assert.match(refusal("[server]\nport = \n"), /^2:8 This is not TOML: /);
  assert.match(refusal("[server]\nport = 1\nport = 2\n"), /^3:\d+ This is not TOML: /);
});

Deno.test("parseConfig() takes Windows paths where Windows' rules hold", () => {
  const windows: Surroundings = { home: "C:\\Users\\Ada", platform: "windows" };
  assert.deepEqual(
    read("repo = 'D:\\brain'\r\n[server]\r\nroots = ['~\\src', '\\\\nas\\share\\x']\r\n", windows),
    [
      { path: ["repo"], value: "D:\\brain", line: 1 },
      { path: ["server", "roots"], value: ["C:\\Users\\Ada\\src", "\\\\nas\\share\\x"], line: 3 },
    ],
  );
  assert.match(refusal('repo = "/a"\n', windows), /must be an absolute path/);
  assert.match(refusal("repo = 'C:a'\n", windows), /must be an absolute path/);
});
