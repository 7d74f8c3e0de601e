/**
 * Control characters (Unicode's category Cc): what a path, a setting or a line for people must not hold.
 *
 * By their codes, because `\p{Cc}` makes V8 load Unicode's tables as soon as it reads the file, which costs every
 * command that starts a third of a millisecond.
 *
 * @module
 */

/** True when the text holds one. */
export function holdsControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (isControl(text.charCodeAt(at))) return true;
  return false;
}

/** The text with `?` in place of each. */
export function maskControls(text: string): string {
  if (!holdsControl(text)) return text;
  return Array.from(text, (character) => isControl(character.charCodeAt(0)) ? "?" : character).join("");
}

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}
