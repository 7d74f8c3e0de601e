/**
 * Paths as a person would write them: what lies in the user's home folder begins with `~`. Pure.
 *
 * For people's eyes alone: inside the quotes of a command, a shell leaves `~` as it is.
 *
 * @module
 */

/** A path with `~` for the user's home, where it begins with that. */
export function shortenPath(path: string, userHome: string | undefined): string {
  if (!isTelling(userHome)) return path;
  return path === userHome || path.startsWith(`${userHome}/`) ? `~${path.slice(userHome.length)}` : path;
}

/** A sentence with `~` for the user's home in each path of it that begins with that. */
export function shortenPathsIn(sentence: string, userHome: string | undefined): string {
  if (!isTelling(userHome)) return sentence;
  return sentence.split(`${userHome}/`).reduce((before, after) =>
    `${before}${GOES_ON.test(before) ? userHome : "~"}/${after}`
  );
}

/** A path that is written so far; another one cannot begin right behind it. */
const GOES_ON = /[\w.~/-]$/;

/** Where everything is in the home folder, `~` says nothing. */
function isTelling(userHome: string | undefined): userHome is string {
  return userHome !== undefined && userHome !== "" && userHome !== "/";
}
