/**
 * `agentos completions SHELL`: a script that makes the shell ask `agentos __complete` for each word.
 *
 * The scripts hold no command and no flag: what can be completed is answered by the executable that is
 * installed, so a script never goes stale. Where agentos has nothing to offer, the shell completes file names.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { CommandRun } from "../cli/command.ts";

/** Prints the script for `bash`, `zsh` or `fish`. */
export const run: CommandRun<Record<never, never>, [shell: string]> = (_flags, { output }, shell) => {
  const script = SCRIPTS.get(shell);
  if (script === undefined) {
    const known = [...SCRIPTS.keys()].join(", ");
    throw new AppError("cli.usage", `There is no completion script for "${shell}"`, {
      hint: `Choose one of ${known}.`,
    });
  }
  output.answer(script.trim());
  return Promise.resolve(0);
};

/** Each candidate is a line `word TAB brief`; bash shows no briefs and, on `=`, splits `--flag=value` in three. */
const SCRIPTS: ReadonlyMap<string, string> = new Map([
  [
    "bash",
    String.raw`
_agentos() {
  local words cword line
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n =: words cword
  else
    words=("\${COMP_WORDS[@]}")
    cword=$COMP_CWORD
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\t'*}")
  done < <("\${words[0]/#\~/$HOME}" __complete "\${words[@]:1:cword}" 2>/dev/null)
}
complete -o default -F _agentos agentos`.replaceAll("\\$", "$"),
  ],
  [
    "zsh",
    String.raw`
#compdef agentos
_agentos() {
  local -a candidates
  local line
  for line in "\${(@f)$("\${(@)words[1]/#\~/$HOME}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && candidates+=("\${\${line%%$'\t'*}//:/\\:}:\${line#*$'\t'}")
  done
  if (( \${#candidates} )); then
    _describe -t agentos agentos candidates
  else
    _files
  fi
}
if [[ \${funcstack[1]} == _agentos ]]; then
  _agentos
else
  compdef _agentos agentos
fi`.replaceAll("\\$", "$"),
  ],
  [
    "fish",
    String.raw`
function __agentos_complete
  set -l words (commandline -opc)
  set -l program $words[1]
  set -e words[1]
  $program __complete $words (commandline -ct) 2>/dev/null
end
complete -c agentos -a '(__agentos_complete)'`,
  ],
]);
