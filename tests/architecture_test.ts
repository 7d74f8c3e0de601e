/**
 * What ARCHITECTURE.md says about who may import whom, about what every start loads, and about names, held
 * against the real module graph and the real files.
 *
 * @module
 */

import assert from "node:assert/strict";
import { basename, join, relative, resolve } from "node:path";
import plugin from "../scripts/house_rules.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** One import of one file, both ends as paths from the repository's root or as `npm:` and `node:` names. */
interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: "value" | "type";
  readonly dynamic: boolean;
}

/** The part of `deno info --json` that is read here. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
      readonly isDynamic?: boolean;
    }[];
  }[];
}

async function listFiles(...folders: string[]): Promise<string[]> {
  const files: string[] = [];
  for (const folder of folders) {
    for await (const entry of Deno.readDir(join(ROOT, folder))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) files.push(...await listFiles(path));
      else if (path.endsWith(".ts")) files.push(path);
    }
  }
  return files.toSorted();
}

/** Every import of every shipped file, reached from main.ts or not. */
async function readGraph(files: readonly string[]): Promise<{ edges: Edge[]; broken: string[] }> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-graph-" });
  try {
    const entry = join(folder, "all.ts");
    await Deno.writeTextFile(
      entry,
      files.map((file) => `import ${JSON.stringify(join(ROOT, file))};\n`).join(""),
    );
    const info = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", `--config=${ROOT}/deno.json`, entry],
      stderr: "inherit",
    }).output();
    assert.equal(info.code, 0);
    const graph: ModuleGraph = JSON.parse(new TextDecoder().decode(info.stdout));
    const place = (url: string): string =>
      url.startsWith("file:") ? relative(ROOT, new URL(url).pathname) : url.replace(/^npm:\/?/, "npm:");
    const broken = graph.modules.flatMap(({ specifier, error }) =>
      error === undefined ? [] : [place(specifier)]
    );
    const edges = graph.modules.filter(({ specifier }) => !specifier.startsWith("npm:")).flatMap((module) =>
      (module.dependencies ?? []).flatMap(({ code, type, isDynamic: dynamic = false }) => {
        const from = place(module.specifier);
        const found: Edge[] = [];
        if (code?.specifier !== undefined) {
          found.push({ from, to: place(code.specifier), kind: "value", dynamic });
        }
        if (type?.specifier !== undefined) {
          found.push({ from, to: place(type.specifier), kind: "type", dynamic });
        }
        return found;
      })
    ).filter(({ from }) => !from.startsWith(".."));
    return { edges, broken };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SHIPPED = (await listFiles("src", "clients")).filter((file) => !/_test(_\w+)?\.ts$/.test(file));
const { edges: EDGES, broken: BROKEN } = await readGraph(["main.ts", ...SHIPPED]);

/** Everything that loads before the first line of a file runs. */
function closure(...starts: string[]): Set<string> {
  const reached = new Set(starts);
  for (const file of reached) {
    for (const { from, to, kind, dynamic } of EDGES) {
      if (from === file && kind === "value" && !dynamic) reached.add(to);
    }
  }
  return reached;
}

/** The part of the tree that a file belongs to. */
function partOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "src" ? second : top;
}

/** Whose values each part may load, besides its own and packages. */
const MAY_LOAD: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["cli", "server", "commands"],
  "cli": ["commands", "base", "deno.json"],
  "commands": [
    "sync",
    "usage",
    "portfolio",
    "server",
    "service",
    "status",
    "help",
    "config",
    "base",
    "clients",
  ],
  "server": ["tools", "portfolio", "config", "base"],
  "config": ["base"],
  "status": ["base"],
  "help": [],
  "tools": ["portfolio", "base"],
  "service": ["base"],
  "sync": ["base"],
  "usage": ["base"],
  "portfolio": ["base", "context-portfolio"],
  "clients": ["base"],
  "base": [],
};

/** Whose types each part may name, besides those that it may load. */
const MAY_NAME: Readonly<Record<string, readonly string[]>> = {
  "commands": ["cli"],
  "clients": ["sync", "usage"],
};

Deno.test("every import leads to a file", () => assert.deepEqual(BROKEN, []));

Deno.test("the module graph was read", () => {
  assert.ok(SHIPPED.length >= 60, `${SHIPPED.length} files`);
  assert.ok(EDGES.length >= 150, `${EDGES.length} imports`);
  for (const part of ["main.ts", "cli", "commands", "server", "tools", "portfolio", "base"]) {
    assert.ok(EDGES.some(({ from }) => partOf(from) === part), part);
  }
});

Deno.test("imports run one way", () => {
  const wrong = EDGES.filter(({ from, to, kind }) => {
    if (/^(npm|node|jsr|https?):/.test(to) || partOf(from) === partOf(to)) return false;
    // The table of commands may use a feature's vocabulary: the values that a flag takes.
    if (partOf(from) === "cli" && /^src\/\w+\/model\.ts$/.test(to)) return false;
    const load = MAY_LOAD[partOf(from)] ?? [];
    const name = MAY_NAME[partOf(from)] ?? [];
    return !load.includes(partOf(to)) && !(kind === "type" && name.includes(partOf(to)));
  });
  assert.deepEqual(wrong.map(({ from, to, kind }) => `${from} -> ${to} (${kind})`), []);
});

Deno.test("nothing is allowed that nobody does", () => {
  const goes = (from: string, to: string): boolean =>
    EDGES.some((edge) => partOf(edge.from) === from && partOf(edge.to) === to);
  const unused = [MAY_LOAD, MAY_NAME].flatMap((allowed) =>
    Object.entries(allowed).flatMap(([from, parts]) =>
      parts.filter((to) => !goes(from, to)).map((to) => `${from} -> ${to}`)
    )
  );
  assert.deepEqual(unused, []);
});

Deno.test("what is exported is used elsewhere: a function, a class, a constant", async () => {
  const files = ["main.ts", ...await listFiles("src", "clients", "tests", "scripts")];
  const texts = new Map(
    await Promise.all(files.map(async (file) => [file, await Deno.readTextFile(join(ROOT, file))] as const)),
  );
  const words = new Map([...texts].map(([file, text]) => [file, new Set(text.match(/[\w$]+/g))]));
  const unused = [...texts].filter(([file]) => SHIPPED.includes(file)).flatMap(([file, text]) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|class|const) ([\w$]+)/gm)].map(([, name = ""]) =>
      name
    )
      .filter((name) => ![...words].some(([other, used]) => other !== file && used.has(name)))
      .map((name) => `${file}: ${name}`)
  );
  assert.deepEqual(unused, []);
});

Deno.test("main.ts and cli load commands and servers only when they are asked for", () => {
  const eager = EDGES.filter(({ from, to, kind, dynamic }) =>
    kind === "value" && !dynamic && ["main.ts", "cli"].includes(partOf(from)) &&
    ["commands", "server"].includes(partOf(to))
  );
  assert.deepEqual(eager, []);
});

Deno.test("no two files need each other to load", () => {
  const files = [...new Set(EDGES.map(({ from }) => from))];
  const inCircle = files.filter((file) =>
    EDGES.some(({ from, to, kind, dynamic }) =>
      from === file && kind === "value" && !dynamic && closure(to).has(file)
    )
  );
  assert.deepEqual(inCircle, []);
});

Deno.test("no client's folder imports another's", () => {
  const wrong = EDGES.filter(({ from, to }) => {
    const [, mine] = /^clients\/(\w+)\//.exec(from) ?? [];
    const [, other] = /^clients\/(\w+)\//.exec(to) ?? [];
    return mine !== undefined && other !== undefined && mine !== other;
  });
  assert.deepEqual(wrong, []);
});

/** Packages and built-ins among what loads. */
const foreign = (files: Iterable<string>): string[] =>
  [...files].filter((file) => /^(npm|node|jsr|https?):/.test(file)).toSorted();

Deno.test("agentos --version loads a handful of files and no package", () => {
  const loaded = closure("main.ts", "src/cli/main.ts");
  assert.deepEqual(foreign(loaded), []);
  assert.ok(loaded.size >= 5 && loaded.size <= 10, [...loaded].join(", "));
});

Deno.test("agentos --help loads the parser and no other package", () => {
  const rows = SHIPPED.filter((file) => /^src\/cli\/.*_commands?\.ts$/.test(file));
  assert.ok(rows.length >= 10, rows.join(", "));
  const loaded = closure(
    ...[
      "main.ts",
      "src/cli/main.ts",
      "src/cli/read_command_line.ts",
      "src/cli/commands.ts",
      "src/cli/parse.ts",
    ],
    ...rows,
  );
  assert.deepEqual(foreign(loaded).map((name) => name.replace(/(?<=.)@[\d.]+$/, "")), [
    "npm:@stricli/core",
    "npm:fastest-levenshtein",
  ]);
  assert.deepEqual([...loaded].filter((file) => partOf(file) === "commands"), []);
});

Deno.test("no command loads the web server, the MCP SDK, zod or Node's library before it runs", () => {
  const commands = SHIPPED.filter((file) => partOf(file) === "commands");
  assert.ok(commands.length >= 3);
  for (const command of commands) {
    const heavy = foreign(closure(command)).filter((name) =>
      /^node:|^npm:(hono|zod|@modelcontextprotocol\/)/.test(name)
    );
    assert.deepEqual(heavy, [], command);
  }
});

Deno.test("sync check and sync push load a handful of files and no package while their answer stands", () => {
  for (const command of ["check", "push"]) {
    const loaded = closure(`src/commands/sync/${command}.ts`);
    assert.deepEqual(foreign(loaded), [], command);
    assert.ok(loaded.size <= 12, [...loaded].join(", "));
  }
});

Deno.test("every file keeps the house rules", async () => {
  const files = ["main.ts", ...await listFiles("src", "clients", "tests", "scripts")];
  assert.ok(files.length >= 100, `${files.length} files`);
  const broken: string[] = [];
  for (const file of files) {
    const text = await Deno.readTextFile(join(ROOT, file));
    for (const { id, message, range } of Deno.lint.runPlugin(plugin, join(ROOT, file), text)) {
      broken.push(`${file}:${text.slice(0, range[0]).split("\n").length} ${id}: ${message}`);
    }
  }
  assert.deepEqual(broken, []);
});

Deno.test("file names are snake_case and say what is inside", async () => {
  const vague = /(^|_)(utils?|helpers?|common|shared|misc|managers?|services?|index|impl)(_|\.)/;
  for (const file of await listFiles("src", "clients", "tests", "scripts")) {
    assert.match(basename(file), /^[a-z0-9]+(_[a-z0-9]+)*\.ts$/, file);
    // The one service there is: what `agentos service` installs.
    const name = basename(file).replace(/^(open_)?service_?(?=commands|test|\.ts)/, "");
    assert.doesNotMatch(name, vague, file);
  }
});
