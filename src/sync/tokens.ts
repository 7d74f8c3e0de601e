/**
 * TOKENS: what `{{NAME}}` in the repo's files stands for on this machine. The list is closed; anything else in double
 * braces is refused before a byte is written. Pure.
 *
 * @module
 */

import type { Place, SourceProblem } from "./client.ts";

/** What a token needs to know besides the place. */
export interface TokenContext extends Place {
  readonly client: string;
  readonly clientTitle: string;
  /** Absolute path of the home repo; the portfolio's embedded copy has none, and the token then says so. */
  readonly repo: string;
}

/** One token: what it means, for the docs, and its value. */
export interface Token {
  readonly meaning: string;
  value(context: TokenContext): string;
}

/** Tokens by name. */
export type Tokens = Readonly<Record<string, Token>>;

/** The tokens that every client has; a client may add its own. */
export const TOKENS: Tokens = {
  CLIENT: { meaning: "the client's id: codex", value: ({ client }) => client },
  CLIENT_TITLE: { meaning: "the client's name: Codex CLI", value: ({ clientTitle }) => clientTitle },
  CLIENT_HOME: { meaning: "absolute path of the client's home", value: ({ home }) => home },
  SERVER_URL: { meaning: "the MCP server's address", value: ({ port }) => `http://127.0.0.1:${port}/mcp` },
  SERVER_ORIGIN: { meaning: "the server without a path", value: ({ port }) => `http://127.0.0.1:${port}` },
  PORT: { meaning: "the server's port", value: ({ port }) => String(port) },
  REPO: { meaning: "absolute path of the home repo", value: ({ repo }) => repo },
  STATE: { meaning: "absolute path of AgentOS's state folder", value: ({ stateFolder }) => stateFolder },
  EXECUTABLE: { meaning: "how to call agentos", value: ({ executable }) => executable },
};

const TOKEN_PATTERN = /\{\{\s*([^{}\n]*?)\s*\}\}/g;

/** Puts values in for tokens; every unknown one is a problem with its line and column in the source file. */
export function expandTokens(
  text: string,
  file: string,
  context: TokenContext,
  tokens: Tokens = TOKENS,
): { readonly text: string; readonly problems: readonly SourceProblem[] } {
  const problems: SourceProblem[] = [];
  const expanded = text.replaceAll(TOKEN_PATTERN, (whole: string, name: string, offset: number) => {
    if (Object.hasOwn(tokens, name)) return tokens[name]?.value(context) ?? whole;
    const lead = text.slice(0, offset);
    problems.push({
      file,
      line: lead.split("\n").length,
      column: offset - lead.lastIndexOf("\n"),
      message: `the token {{${name}}} is unknown; known are ${Object.keys(tokens).join(", ")}`,
    });
    return whole;
  });
  return { text: expanded, problems };
}

/** The way back, for `pull`: paths and addresses, which are in no text by accident, become tokens again, longest first. */
export function restoreTokens(text: string, context: TokenContext, tokens: Tokens = TOKENS): string {
  const values = Object.entries(tokens)
    .map(([name, token]) => ({ name, value: token.value(context) }))
    .filter(({ value }) => value.length >= 8 && value.includes("/"))
    .sort((left, right) => right.value.length - left.value.length);
  return values.reduce((result, { name, value }) => result.replaceAll(value, `{{${name}}}`), text);
}
