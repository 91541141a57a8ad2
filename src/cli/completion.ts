export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = typeof shells[number]

/** `slipway completion`: the scripts only ask `slipway complete`, so they stay as they are when commands change. */
export async function completion (shell: Shell): Promise<number> {
  process.stdout.write(scripts[shell])
  return 0
}

const scripts: Readonly<Record<Shell, string>> = {
  bash: `# Completion of slipway for bash. Where it knows nothing, file names are completed.
_slipway () {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" complete -- "\${words[@]}" 2>/dev/null))
}
complete -o default -F _slipway slipway
`,
  zsh: `#compdef slipway
# Completion of slipway for zsh. Where it knows nothing, file names are completed.
_slipway () {
  local -a found
  found=("\${(@f)$(\${words[1]} complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[*]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
if [[ "\${funcstack[1]}" == _slipway ]]; then _slipway "$@"; else compdef _slipway slipway; fi
`,
  fish: `# Completion of slipway for fish. Where it knows nothing, file names are completed.
function __slipway_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] complete -- $words[2..-1] 2>/dev/null
end
complete -c slipway -a '(__slipway_complete)'
`,
}
