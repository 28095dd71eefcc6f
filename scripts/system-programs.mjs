// Installs the Debian packages of the programs that tests use, where that is possible: as root, by apt, quietly.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

// mariadb-server-core is the server without the service that mariadb-server would start on the host.
const PACKAGES = {
  mariadbd: 'mariadb-server-core',
  chromium: 'chromium',
  haproxy: 'haproxy',
  openssl: 'openssl',
  curl: 'curl',
  python3: 'python3',
  git: 'git',
  zsh: 'zsh',
  fish: 'fish',
};

/** Tries once to have all of them; a host that cannot is told so later, part by part. */
export function installSystemPrograms() {
  const missing = Object.keys(PACKAGES).filter((name) => !isInstalled(name));
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;
  const packages = missing.map((name) => PACKAGES[name]);
  process.stderr.write(`installing ${packages.join(', ')} by apt-get\n`);
  apt('update', '-qq');
  if (!apt('install', '-y', '-qq', '--no-install-recommends', ...packages)) {
    process.stderr.write('apt-get could not install them; tests that need them will not run\n');
  }
}

function isInstalled(name) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function apt(...args) {
  const { status } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
  });
  return status === 0;
}
