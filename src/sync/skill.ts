/**
 * A skill's front matter: the few lines that a client finds and offers it by. Pure.
 *
 * Read by hand: what has to hold is little, and a YAML library would cost every `sync check` its loading time.
 *
 * @module
 */

/** A mistake in a skill, with its line from 1. */
export interface SkillProblem {
  readonly line: number;
  readonly message: string;
}

/** Longer names are cut or refused by clients. */
const NAME_LIMIT = 64;

/** The first mistake of a SKILL.md: front matter missing or open, no description, a name that is too long. */
export function findSkillProblem(text: string): SkillProblem | undefined {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  if (lines[0]?.trimEnd() !== "---") {
    return { line: 1, message: "a skill starts with front matter: a line ---, its description, a line ---" };
  }
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---");
  if (end < 0) return { line: 1, message: "the front matter has no closing line ---" };
  const fields = readFields(lines.slice(1, end));
  const description = fields.get("description");
  if (description === undefined) return { line: 1, message: "the front matter has no description" };
  if (description.value === "") return { line: description.line, message: "the description is empty" };
  const name = fields.get("name");
  if (name === undefined || [...name.value].length <= NAME_LIMIT) return undefined;
  return { line: name.line, message: `the name is longer than ${NAME_LIMIT} characters` };
}

/** Top-level fields; text of several lines, folded or literal, is joined. */
function readFields(lines: readonly string[]): ReadonlyMap<string, { value: string; line: number }> {
  const fields = new Map<string, { value: string; line: number }>();
  let open: { value: string; line: number } | undefined;
  for (const [index, line] of lines.entries()) {
    const field = /^(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*:(?:\s+(.*))?$/.exec(line);
    if (field !== null) {
      const [, double, single, bare] = field;
      open = { value: plainValue(field[4] ?? ""), line: index + 2 };
      fields.set(double ?? single ?? bare ?? "", open);
    } else if (/^\s+\S/.test(line) && open !== undefined) {
      open.value = `${open.value} ${plainValue(line)}`.trim();
    }
  }
  return fields;
}

/** A scalar without its quotes, its comment, or the sign that it goes on below. */
function plainValue(text: string): string {
  const value = text.trim();
  const quoted = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(value);
  if (quoted !== null) return (quoted[2] ?? "").trim();
  if (/^[>|][+-]?\d?\s*(?:#.*)?$/.test(value) || value === "~" || value === "null") return "";
  return value.replace(/(?:^|\s)#.*$/, "").trim();
}
