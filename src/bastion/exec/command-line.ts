/** A command as the instance's shell is to run it, with a marker behind its output that carries the exit code. Pure. */

export type Platform = 'posix' | 'windows';

/** One word is a line for the shell; several are run as they stand, each quoted. */
export function commandText(words: readonly string[], platform: Platform): string {
  const [line] = words;
  if (words.length === 1 && line !== undefined) return line;
  return words.map(platform === 'windows' ? quotePowershell : quotePosix).join(' ');
}

/**
 * The document for commands does not promise to report the exit code, so the shell prints it itself:
 * `<nonce>:<code>;` as the last thing on standard output.
 */
export function withExitMarker(command: string, nonce: string, platform: Platform): string {
  if (platform === 'windows') {
    const code = 'if ($null -ne $LASTEXITCODE) { $LASTEXITCODE } elseif ($?) { 0 } else { 1 }';
    return `$global:LASTEXITCODE = $null; & { ${command}\n}; $rc = ${code}; [Console]::Out.Write("${nonce}:$rc;")`;
  }
  // A subshell, so that an `exit` of the command still comes to the marker.
  return `( ${command}\n)\nrc=$?; printf '${nonce}:%d;' "$rc"; exit "$rc"`;
}

function quotePosix(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function quotePowershell(word: string, index: number): string {
  if (/^[\w@%+=:./\\-]+$/.test(word)) return word;
  const quoted = `'${word.replaceAll("'", "''")}'`;
  return index === 0 ? `& ${quoted}` : quoted;
}
