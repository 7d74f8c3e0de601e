/**
 * Text as a TOML basic string. Pure.
 *
 * @module
 */

/** Quotes and escapes; JSON's escapes are TOML's, but for DEL, which TOML wants escaped too. */
export function renderTomlString(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}
