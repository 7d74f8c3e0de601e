/**
 * Random TOML files as people and programs write them, and random fragments to push into them.
 *
 * Names are unique by their number, so that every file is valid; spelling, spacing, comments and line ends vary.
 *
 * @module
 */

import fc from "fast-check";

const VALUES = [
  "1",
  "1.0",
  "9007199254740993",
  "-0.0",
  "nan",
  '"x"',
  "'C:\\dir'",
  '"# [not] = a comment"',
  "1979-05-27T07:32:00.999999-07:00",
  "07:32:00",
  "[ 1, 2 ]",
  "[\n  'a', # [x]\n  [\"b\"],\n[\n'c'\n],\n]",
  '"""\n[not.a.table]\nk = 1\n# >>> agentos managed >>>\n# <<< agentos managed <<<\n"""',
  "'''\n''y''\n'''",
  "{ x = 1, y = { z = '}' } }",
  "{}",
];

const COMMENTS = [
  "# note",
  "#",
  "# see # >>> agentos managed >>>",
  "## <<< agentos managed <<<",
  "# [old]",
  "# é 🦕",
];

const gap = fc.constantFrom("", " ", "\t", "  ");
const comment = fc.option(fc.constantFrom(...COMMENTS), { nil: "", freq: 2 });

/** One or more lines without a final line end; the names in it start with `prefix`. */
function keyLine(prefix: string): fc.Arbitrary<string> {
  const key = fc.constantFrom(
    prefix,
    `"${prefix} x"`,
    `'${prefix}.y'`,
    `${prefix}.deep.er`,
    `${prefix} . "a b"`,
  );
  return fc.tuple(gap, key, gap, gap, fc.constantFrom(...VALUES), gap, comment)
    .map(([indent, name, before, after, value, space, note]) =>
      `${indent}${name}${before}=${after}${value}${note === "" ? "" : `${space}${note}`}`
    );
}

function headerLine(prefix: string): fc.Arbitrary<string> {
  const name = fc.constantFrom(
    `[${prefix}]`,
    `[ ${prefix} . sub ]`,
    `["${prefix} q".'l']`,
    `[projects."/home/ada/${prefix}"]`,
    `[mcp_servers.${prefix}]`,
    `[mcp_servers.agentOS-portfolio.tools.${prefix}]`,
    `[model_providers.${prefix}]`,
  );
  return fc.tuple(gap, name, gap, comment).map(([indent, header, space, note]) =>
    `${indent}${header}${note === "" ? "" : `${space}${note}`}`
  );
}

const trivia = fc.array(fc.constantFrom("", "   ", ...COMMENTS), { maxLength: 3 });

function section(index: number): fc.Arbitrary<string> {
  const keys = fc.integer({ min: 0, max: 3 }).chain((count) =>
    fc.tuple(...Array.from({ length: count }, (_, key) => keyLine(`k${key}`)))
  );
  const table = fc.tuple(trivia, headerLine(`s${index}`), keys, trivia)
    .map(([above, header, lines, below]) => [...above, header, ...lines, ...below].join("\n"));
  const elements = fc.tuple(trivia, keys, keys).map(([above, first, second]) =>
    [...above, `[[e${index}]]`, ...first, `[e${index}.sub]`, "x = 1", `[[e${index}]]`, ...second].join("\n")
  );
  return fc.oneof({ weight: 4, arbitrary: table }, { weight: 1, arbitrary: elements });
}

/** A whole file; none of its keys is one that {@link tomlFragments} has. */
export const tomlFiles: fc.Arbitrary<string> = fc.record({
  roots: fc.integer({ min: 0, max: 4 }).chain((count) =>
    fc.tuple(...Array.from({ length: count }, (_, index) => fc.tuple(trivia, keyLine(`r${index}`))))
  ),
  sections: fc.integer({ min: 0, max: 5 }).chain((count) =>
    fc.tuple(...Array.from({ length: count }, (_, index) => section(index)))
  ),
  lineEnd: fc.constantFrom("\n", "\n", "\r\n"),
  oddLine: fc.option(fc.nat({ max: 20 })),
  mark: fc.constantFrom("", "", "\ufeff"),
  end: fc.constantFrom("", "\n", "\n", "\n\n", "\n   "),
}).map(({ roots, sections, lineEnd, oddLine, mark, end }) => {
  const body = [...roots.map(([above, line]) => [...above, line].join("\n")), ...sections].join("\n");
  const lines = `${body}${body === "" && end === "" ? "" : end}`.split("\n");
  const ends = (index: number): string => index === oddLine ? (lineEnd === "\n" ? "\r\n" : "\n") : lineEnd;
  return mark + lines.map((line, index) => index + 1 === lines.length ? line : line + ends(index)).join("");
});

/** What a repo may want: any of its parts may be missing or have another value in the next version. */
export const tomlFragments: fc.Arbitrary<string> = fc.record({
  roots: fc.subarray(['model = "m"', "notify_ours = [\n  1,\n]", "own.dotted.key = '''\nx\n'''"]),
  version: fc.integer({ min: 1, max: 3 }),
  sections: fc.subarray([
    "[model_providers.openrouter]\nname = 'OpenRouter'\nweight = VERSION",
    '# our server\n[mcp_servers.agentOS-portfolio]\nurl = "http://127.0.0.1:VERSION/mcp" # here\ntool_timeout_sec = 60',
    "[profiles.planner]\nmodel = 'm-VERSION'\n\n[profiles.cheap]\nmodel = 'c'",
    "[[hooks.SessionStart]]\nmatcher = 'startup'\n[[hooks.SessionStart.hooks]]\ncommand = 'x VERSION'",
  ]),
  end: fc.constantFrom("", "\n", "\n\n"),
}).map(({ roots, version, sections, end }) =>
  ([...roots, ...sections].join("\n").replaceAll("VERSION", String(version))) + end
);
