/**
 * Recognises text that looks like a credential, so that none is ever copied into a repo or a shared file.
 *
 * Answers say what kind and where, never the text. Pure.
 *
 * @module
 */

/** A find: its kind in words and its column from 1. */
export interface SecretFind {
  readonly kind: string;
  readonly column: number;
}

/** Shapes that credentials have by design; kept narrow, so that prose and placeholders pass. */
const SHAPES: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  { kind: "private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { kind: "bearer token", pattern: /\bBearer\s+(?!\$|%|<|\{)[A-Za-z0-9._~+/-]{16,}=*/i },
  { kind: "API key", pattern: /\bsk-(?:[A-Za-z0-9]+-)*[A-Za-z0-9_-]{16,}/ },
  { kind: "GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/ },
  { kind: "AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { kind: "Slack token", pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/ },
];

/** The first credential-shaped text of a line, or a live secret given verbatim (8 characters or longer). */
export function findSecret(line: string, live: readonly string[] = []): SecretFind | undefined {
  for (const secret of live) {
    const at = secret.length >= 8 ? line.indexOf(secret) : -1;
    if (at >= 0) return { kind: "live secret of this environment", column: at + 1 };
  }
  for (const { kind, pattern } of SHAPES) {
    const match = pattern.exec(line);
    if (match !== null) return { kind, column: match.index + 1 };
  }
  return undefined;
}

/** Variables whose values must never be copied, by the shape of their names. */
const SECRET_NAMES = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD)$/i;

/** The values in an environment that are secret by their variables' names, and the server's token. */
export function liveSecrets(
  environment: Readonly<Record<string, string>>,
  token: string | undefined,
): readonly string[] {
  const values = Object.entries(environment)
    .filter(([name, value]) => SECRET_NAMES.test(name) && value.length >= 8).map(([, value]) => value);
  return token === undefined ? values : [token, ...values];
}

/** A find with its line, from 1. */
export interface PlacedSecret extends SecretFind {
  readonly line: number;
}

/** The first find of every line of a text. */
export function findSecrets(text: string, live: readonly string[]): readonly PlacedSecret[] {
  return text.split("\n").flatMap((content, index) => {
    const found = findSecret(content, live);
    return found === undefined ? [] : [{ ...found, line: index + 1 }];
  });
}
