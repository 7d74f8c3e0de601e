# fish completion for agentos: asks the executable what fits; where nothing does, fish completes file names.
function __agentos_complete
  set -l words (commandline -opc)
  set -l program $words[1]
  set -e words[1]
  set -l found ($program __complete $words (commandline -ct) 2>/dev/null)
  if set -q found[1]
    printf '%s\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c agentos -f -a '(__agentos_complete)'
