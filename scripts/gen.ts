/**
 * `deno task gen`: writes the parts of the docs that are tables of the program itself (COMMANDS, TOOLS,
 * CONFIG_KEYS, ERRORS), and what the bench measured; and the compiled scanner of the usage reports. With `--check` it
 * writes nothing and fails when something is stale.
 *
 * A part stands between `<!-- generated:NAME -->` and `<!-- /generated:NAME -->`.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { AppError, ERRORS } from "../src/base/errors.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import type { Command } from "../src/cli/define.ts";
import { reportFailure } from "../src/cli/failure.ts";
import { openOutput, type Output } from "../src/cli/output.ts";
import { keyOf, NAMES } from "../src/config/keys.ts";
import { renderToml } from "../src/config/values.ts";
import type { Tool, ToolHints } from "../src/tools/define.ts";
import { KEY_RULES } from "../src/tools/git/trust.ts";
import { TOOLS } from "../src/tools/mod.ts";
import { readResults, renderResults, SAVED_RESULTS } from "./bench/results.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** Which part stands in which file, and what it says. */
const PARTS: readonly { readonly file: string; readonly name: string; render(): string }[] = [
  { file: "README.md", name: "commands", render: renderCommands },
  { file: "README.md", name: "tools", render: renderTools },
  { file: "README.md", name: "config-keys", render: renderConfigKeys },
  { file: "README.md", name: "usage-table", render: renderUsageTable },
  { file: "ARCHITECTURE.md", name: "errors", render: renderErrors },
  { file: "SECURITY.md", name: "git-keys", render: renderGitKeys },
  { file: "ARCHITECTURE.md", name: "bench", render: () => renderResults(readResults(SAVED_RESULTS)) },
];

function renderCommands(): string {
  const rows = COMMANDS.filter(({ hidden }) => !hidden).map((command) => [
    `\`agentos ${command.path.join(" ")}\``,
    command.brief,
    command.flags.map((flag) => `\`--${flag}\``).join(" "),
    renderNeeds(command),
  ]);
  return renderTable(["command", "does", "flags", "keeps the right to"], rows);
}

function renderNeeds({ needs, alsoNeeds }: Command): string {
  const always = needs.length === 0 ? "nothing" : needs.join(", ");
  return [always, ...[...alsoNeeds].map(([flag, more]) => `with \`--${flag}\` also ${more.join(", ")}`)].join(
    "; ",
  );
}

function renderTools(): string {
  const rows = TOOLS.map((tool) => [
    `\`${tool.name}\``,
    firstSentence(tool.description),
    renderInput(tool),
    renderHints(tool.hints),
    renderApproval(tool.hints),
  ]);
  return renderTable(["tool", "does", "input", "annotations", "`codex exec`, approval `never`"], rows);
}

function renderConfigKeys(): string {
  const code = (text: string | undefined): string => text === undefined ? "" : `\`${text}\``;
  const rows = NAMES.map((name) => {
    const key = keyOf(name);
    const otherwise = key.default === undefined ? key.otherwise ?? "" : code(renderToml(key.default));
    return [code(name), key.meaning, otherwise, code(key.variable), code(key.flag)];
  });
  return renderTable(["key", "means", "default", "variable", "flag"], rows);
}

/** What the program answered in `tests/usage_answers_test.ts`. */
function renderUsageTable(): string {
  const golden: { readonly table: readonly string[] } = JSON.parse(
    Deno.readTextFileSync(join(ROOT, "tests", "golden", "usage.json")),
  );
  return ["```", ...golden.table, "```"].join("\n");
}

function renderErrors(): string {
  const rows = Object.entries(ERRORS).map(([code, { exit, http, hint }]) => [
    `\`${code}\``,
    String(exit),
    String(http),
    hint,
  ]);
  return renderTable(
    ["code", "exit", "HTTP", "next step, when the place that fails knows no better one"],
    rows,
  );
}

function renderGitKeys(): string {
  const rows = KEY_RULES.map(({ section, names, except, danger, allows }) => {
    const keys = names === "every" ? [`\`${section}.*\``] : names.map((name) => `\`${section}.${name}\``);
    const but = except === undefined ? "" : `, but ${except.map((name) => `\`${name}\``).join(", ")}`;
    return [`${keys.join(" ")}${but}`, danger, allows === undefined ? "" : "yes"];
  });
  return renderTable(["key", "because it", "harmless values pass"], rows);
}

/** The input's fields; those that may be left out with a question mark. */
function renderInput({ inputSchema: { properties, required } }: Tool): string {
  const needed = Array.isArray(required) ? required : [];
  const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return names.map((name) => `\`${name}${needed.includes(name) ? "" : "?"}\``).join(" ");
}

function renderHints(hints: ToolHints): string {
  return [
    hints.readOnly ? "read-only" : "writes",
    ...(hints.destructive ? ["destructive"] : []),
    ...(hints.idempotent ? ["idempotent"] : []),
    hints.openWorld ? "open world" : "closed world",
  ].join(", ");
}

/** What the Codex CLI does with a tool of these annotations when nobody can be asked (seen with 0.169, 2026-11). */
function renderApproval({ readOnly, destructive, openWorld }: ToolHints): string {
  if (readOnly) return "runs";
  return destructive || openWorld ? 'needs `approval_mode = "approve"`' : "runs";
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Puts a part between its markers.
 *
 * @throws {AppError} config.invalid
 */
export function replacePart(text: string, name: string, part: string, file: string): string {
  const open = `<!-- generated:${name} -->`;
  const close = `<!-- /generated:${name} -->`;
  const [before, rest, more] = text.split(open);
  const [, after, extra] = rest?.split(close) ?? [];
  if (before === undefined || after === undefined || more !== undefined || extra !== undefined) {
    throw new AppError("config.invalid", `${file} must hold ${open} and ${close} once each, in this order`, {
      hint: `Add both lines where the ${name} belong.`,
    });
  }
  return `${before}${open}\n\n${part}\n\n${close}${after}`;
}

/** The text as `deno fmt` leaves it, so that generating and formatting never disagree. */
async function format(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=md", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { code, stdout } = await child.output();
  if (code !== 0) throw new AppError("config.invalid", `deno fmt ended with exit code ${code}`);
  return new TextDecoder().decode(stdout);
}

async function readOrEmpty(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch((error: unknown) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
}

/** Brings every file up to date, or, when only checking, throws at the first that is not. */
async function generate(checkOnly: boolean, output: Output): Promise<void> {
  for (const file of new Set(PARTS.map((part) => part.file))) {
    const path = join(ROOT, file);
    const old = await readOrEmpty(path);
    const parts = PARTS.filter((part) => part.file === file);
    const fresh = await format(
      parts.reduce((text, { name, render }) => replacePart(text, name, render(), file), old),
    );
    if (fresh === old) continue;
    if (checkOnly) {
      throw new AppError("config.invalid", `${file} does not say what the program says`, {
        hint: 'Run "deno task gen".',
      });
    }
    await Deno.writeTextFile(path, fresh);
    output.talk(`wrote ${file}`);
  }
  await generateScanner(checkOnly, output);
}

async function generateScanner(checkOnly: boolean, output: Output): Promise<void> {
  const { renderScanner, SCANNER_MODULE } = await import("./gen_scanner.ts");
  const fresh = await renderScanner();
  if (fresh === await readOrEmpty(SCANNER_MODULE)) return;
  if (checkOnly) {
    throw new AppError("config.invalid", `${SCANNER_MODULE} is not what scanner.as compiles to`, {
      hint: 'Run "deno task gen".',
    });
  }
  await Deno.writeTextFile(SCANNER_MODULE, fresh);
  output.talk(`wrote ${SCANNER_MODULE}`);
}

if (import.meta.main) {
  const output = openOutput(true);
  try {
    await generate(Deno.args.includes("--check"), output);
  } catch (error) {
    Deno.exit(reportFailure(error, output));
  }
}
