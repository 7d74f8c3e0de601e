/**
 * The /command-log block: the lines at the end of every deployed skill that tell the agent how to report that the
 * skill was used, so that the ledger sees it. Added by a push, taken off by a pull. Pure.
 *
 * @module
 */

/** Opens the block. */
const COMMAND_LOG_BEGIN = "<!-- >>> agentos command-log >>> -->";
/** Closes it. */
const COMMAND_LOG_END = "<!-- <<< agentos command-log <<< -->";

/** A skill's text with the block at its end; tokens in it are expanded like those of the skill. */
export function addCommandLog(text: string, skill: string): string {
  const body = removeCommandLog(text);
  const close = body === "" || body.endsWith("\n") ? "" : "\n";
  const report = JSON.stringify({ command: skill, client: "{{CLIENT}}" });
  return `${body}${close}
${COMMAND_LOG_BEGIN}
When you start using this skill, report it once, and go on whatever comes of it:

\`\`\`sh
curl -fsS -m 2 -H 'Content-Type: application/json' -d '${report}' {{SERVER_ORIGIN}}/command-log
\`\`\`

Without curl: \`{{EXECUTABLE}} log ${skill} --client {{CLIENT}}\`
${COMMAND_LOG_END}
`;
}

/** The text without the block and the blank line before it. */
export function removeCommandLog(text: string): string {
  const start = text.indexOf(COMMAND_LOG_BEGIN);
  const end = text.indexOf(COMMAND_LOG_END);
  if (start < 0 || end < start) return text;
  const before = text.slice(0, start);
  const after = text.slice(end + COMMAND_LOG_END.length).replace(/^\r?\n/, "");
  return before.replace(/\r?\n$/, "") + after;
}
