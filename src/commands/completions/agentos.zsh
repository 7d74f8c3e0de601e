#compdef agentos
# zsh completion for agentos: asks the executable what fits; where nothing does, zsh completes file names.
_agentos() {
  local -a candidates
  local line
  for line in "${(@f)$("${words[1]/#\~/$HOME}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#candidates )); then
    _describe -t agentos agentos candidates
  else
    _files
  fi
}
if [[ $funcstack[1] == _agentos ]]; then
  _agentos "$@"
else
  compdef _agentos agentos
fi
