/** What a host may lack: each part knows how it is found and what a person does to have it. */
import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { botocoreData, browserProgram, findProgram } from './programs.js';
import { sharedData, sharedMetrics } from './shared-data.js';

interface PartRule {
  /** Null when the part is there, else what was looked for and not found. */
  readonly missing: () => string | null;
  /** What to do about it. */
  readonly remedy: string;
}

/** The parts by name; the test wrapper prints one line for each that is missing. */
export const PARTS = {
  mysql: {
    missing: () =>
      process.env['ROC_TEST_MYSQL_URL'] || findProgram('mariadbd') ? null : 'mariadbd not found',
    remedy: 'apt-get install mariadb-server, or set ROC_TEST_MYSQL_URL',
  },
  /** A server that the test may crash or reconfigure, so no URL stands in for it. */
  mariadbd: program('mariadbd', 'apt-get install mariadb-server'),
  aws: {
    missing: () =>
      process.env['ROC_TEST_AWS_URL'] || findProgram('moto_server') ? null : 'moto_server not found',
    remedy: 'pip install moto and its server extra, or set ROC_TEST_AWS_URL',
  },
  botocore: {
    missing: () => (botocoreData() === null ? 'the service models of botocore were not found' : null),
    remedy: 'pip install botocore, or set ROC_TEST_BOTOCORE_DATA to its data folder',
  },
  browser: {
    missing: () => (browserProgram() === null ? 'chromium not found' : null),
    remedy: 'apt-get install chromium, or set CHROMIUM_PATH',
  },
  haproxy: program('haproxy', 'apt-get install haproxy'),
  redis: program('redis-server', 'apt-get install redis-server'),
  python3: program('python3', 'apt-get install python3'),
  git: program('git', 'apt-get install git'),
  zsh: program('zsh', 'apt-get install zsh'),
  fish: program('fish', 'apt-get install fish'),
  openssl: program('openssl', 'apt-get install openssl'),
  curl: program('curl', 'apt-get install curl'),
  faketime: program('faketime', 'apt-get install faketime'),
  'aws-cli': program('aws', 'install the AWS CLI'),
  terraform: program('terraform', 'install terraform'),
  /** Real reports of other tools; not part of the project, so that `all` does not ask for it. */
  'shared-data': {
    missing: () => (sharedData() === null ? 'no folder of shared data' : null),
    remedy: 'set ROC_SHARED_DATA to a folder of real findings',
  },
  'shared-metrics': {
    missing: () => (sharedMetrics() === null ? 'no folder of shared metrics' : null),
    remedy: 'set ROC_SHARED_DATA to a folder whose folder metrics holds real series',
  },
  /** A view of this system that a test may change: root, namespaces of mounts, an overlay. */
  overlay: {
    missing: overlayFault,
    remedy: 'run as root on Linux with util-linux, jq and an overlay file system',
  },
  'cfn-lint': program('cfn-lint', 'pip install cfn-lint'),
} as const satisfies Record<string, PartRule>;

export type Part = keyof typeof PARTS;

/**
 * A `describe` that needs parts of the host. Where one is missing its tests are registered but not run, under a
 * title that names the part, by which the wrapper counts them and says what is missing.
 */
export function describeWith(needs: Part | readonly Part[], name: string, fn: () => void): void {
  for (const part of typeof needs === 'string' ? [needs] : needs) {
    const why = missingPart(part);
    if (why === null) continue;
    describe.runIf(false)(`${name} [not run: ${part} (${why}); ${PARTS[part].remedy}]`, fn);
    return;
  }
  describe(name, fn);
}

/** Why a part is not there, or null when it is; looked for once a process. */
function missingPart(part: Part): string | null {
  const known = found.get(part);
  if (known !== undefined) return known;
  const leftOut = (process.env['ROC_TEST_WITHOUT'] ?? '').split(',').includes(part);
  const missing = leftOut ? 'left out by ROC_TEST_WITHOUT' : PARTS[part].missing();
  found.set(part, missing);
  return missing;
}

const found = new Map<Part, string | null>();

function program(name: string, remedy: string): PartRule {
  return { missing: () => (findProgram(name) === null ? `${name} not found` : null), remedy };
}

function overlayFault(): string | null {
  const lacking = ['unshare', 'nsenter', 'setpriv', 'jq', 'bash'].find((name) => findProgram(name) === null);
  if (lacking !== undefined) return `${lacking} not found`;
  const script =
    'd=$(mktemp -d) && mount -t tmpfs tmpfs $d && mkdir $d/u $d/w $d/r && mount -t overlay overlay -o lowerdir=/,upperdir=$d/u,workdir=$d/w $d/r; e=$?; umount -l $d; rmdir $d; exit $e';
  const tried = spawnSync('unshare', ['--mount', '--propagation', 'private', 'bash', '-c', script], {
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  return tried.status === 0 ? null : 'no overlay can be mounted';
}
