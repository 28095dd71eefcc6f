/**
 * A host at its first start, without a machine: the real user data runs as root on a copy-on-write view of this
 * system, where docker, dnf, systemctl and the metadata service are stand-ins and everything else is what it is.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Program, type ProgramEnd, startProgram } from '../program.js';
import { findProgram } from '../programs.js';
import { projectPath } from '../project.js';
import { makeTempDir, removeDir } from '../temp-dir.js';
import { until } from '../until.js';
import { readExec, readUnit, type UnitFile } from './unit-file.js';

export interface HostOptions {
  readonly userData: string;
  /** What the SDK and the AWS CLI need to talk to the emulator. */
  readonly aws: Readonly<Record<string, string>>;
  readonly instanceId: string;
  /** PEM text in the place of RDS's authorities in the image. */
  readonly ca: string;
}

export interface RunEnd extends ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
}

export interface Host {
  /** Runs the user data, once. */
  firstStart(): Promise<RunEnd>;
  unit(name: string): UnitFile;
  /** Starts a unit as systemd would, with what comes after its end. */
  start(name: string): RunningUnit;
  /** The file as the host sees it. */
  path(file: string): string;
  read(file: string): string;
  run(...words: string[]): Promise<RunEnd>;
  /** Says that the image was pushed to the registry. */
  push(image: string): void;
  /** Names that resolve inside containers; more may be added while they run. */
  setHosts(hosts: Readonly<Record<string, string>>): void;
  /** Every container that was started: its name and what roc was told. */
  containers(): { container: string; words: string[] }[];
  /** What containers have printed: the log group. */
  log(): string;
  /** What systemctl was asked. */
  asked(): string[];
  close(): Promise<void>;
}

export interface RunningUnit {
  readonly program: Program;
  /** After ExecStopPost. */
  readonly ended: Promise<RunEnd>;
}

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

export async function startHost(options: HostOptions): Promise<Host> {
  const state = makeTempDir('host');
  const root = join(state, 'system');
  for (const folder of [root, join(state, 'layer')]) mkdirSync(folder);
  writeFileSync(join(state, 'hosts'), '127.0.0.1 localhost\n', { mode: 0o644 });
  writeFileSync(join(state, 'ca.pem'), options.ca, { mode: 0o644 });
  for (const file of ['runs', 'log', 'asked', 'add-hosts']) writeFileSync(join(state, file), '');
  chmodSync(state, 0o755);
  const keeper = startProgram('unshare', [
    ...['--mount', '--propagation', 'private', 'bash', '-euc'],
    `mount -t tmpfs tmpfs ${state}/layer
mkdir ${state}/layer/upper ${state}/layer/work
touch ${state}/layer/upper/host-of-a-test
mount -t overlay overlay -o lowerdir=/,upperdir=${state}/layer/upper,workdir=${state}/layer/work ${root}
for d in proc dev tmp; do mount --rbind /$d ${root}/$d; done
mount -t tmpfs tmpfs ${root}/run
echo ready
exec chroot ${root} sleep infinity`,
  ]);
  await keeper.waitFor(/ready/);
  const path = (file: string) => `/proc/${keeper.pid}/root${file}`;
  const write = (file: string, text: string) => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
    chmodSync(path(file), 0o755);
  };
  // Until the keeper has changed its root, its files are this system's own.
  await until('the host stands', async () => existsSync(path('/host-of-a-test')));
  const awsCli = findProgram('aws') ?? 'aws';
  write(
    '/usr/bin/docker',
    `#!/bin/sh\nexec ${process.execPath} ${projectPath('test/helpers/first-start/docker.mjs')} "$@"\n`,
  );
  // Some clients of the CLI pass the variables of endpoints over.
  write(
    '/usr/bin/aws',
    `#!/bin/sh
url=$AWS_ENDPOINT_URL
[ "$1" = ssm ] && url=\${AWS_ENDPOINT_URL_SSM:-$url}
HOME=${process.env['HOME']} PATH=${process.env['PATH']} exec ${awsCli} "$@" --endpoint-url "$url"
`,
  );
  write('/usr/bin/dnf', '#!/bin/sh\n[ "$1 $2" = "install -y" ]\n');
  write('/usr/bin/systemctl', SYSTEMCTL);
  write('/usr/bin/curl', metadata(options.instanceId));
  write(
    '/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl',
    '#!/bin/sh\njq -e . "$(echo "$7" | cut -c6-)" > /dev/null\n',
  );
  const env = {
    ...options.aws,
    PATH: SYSTEM_PATH,
    LANG: 'C.UTF-8',
    SHIM_STATE: state,
    SHIM_PROJECT: projectPath('.'),
    SHIM_NODE: process.execPath,
  };
  const run = (words: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const program = inside(keeper, words, { ...env, ...more });
    return { program, ended: endOf(program) };
  };
  let hosts: Readonly<Record<string, string>> = {};
  let told = '';
  // In place, since containers that run have this very file, and never empty, since they look a name up at any moment.
  const tellHosts = () => {
    const own = Object.entries(hosts).map(([name, address]) => `${address} ${name}\n`);
    const added = readFileSync(join(state, 'add-hosts'), 'utf8');
    const text = `127.0.0.1 localhost\n${own.join('')}${added}`;
    if (text === told) return;
    const file = openSync(join(state, 'hosts'), 'r+');
    writeSync(file, text, 0);
    ftruncateSync(file, Buffer.byteLength(text));
    closeSync(file);
    told = text;
  };
  const ticker = setInterval(tellHosts, 50);
  const unit = (name: string) => readUnit(readFileSync(path(`/etc/systemd/system/${name}`), 'utf8'));
  const text = (file: string) => readFileSync(join(state, file), 'utf8');
  return {
    path,
    unit,
    read: (file) => readFileSync(path(file), 'utf8'),
    run: (...words) => run(words).ended,
    firstStart: () => {
      write('/var/lib/cloud/user-data', options.userData);
      return run(['/var/lib/cloud/user-data']).ended;
    },
    start: (name) => startUnit(unit(name), run),
    push: (image) => writeFileSync(join(state, 'pushed'), image),
    setHosts: (all) => {
      hosts = all;
      tellHosts();
    },
    containers: () =>
      text('runs')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { container: string; words: string[] }),
    log: () => text('log'),
    asked: () => text('asked').split('\n').filter(Boolean),
    async close() {
      clearInterval(ticker);
      await keeper.stop('SIGKILL');
      removeDir(state);
    },
  };
}

type Run = (
  words: readonly string[],
  env?: Readonly<Record<string, string>>,
) => { program: Program; ended: Promise<RunEnd> };

function startUnit(unit: UnitFile, run: Run): RunningUnit {
  const env = Object.fromEntries(
    unit.values('Service.Environment').map((one) => one.split('=') as [string, string]),
  );
  const before = unit.values('Service.ExecStartPre').map(readExec);
  const [main] = unit.values('Service.ExecStart').map(readExec);
  if (main === undefined) throw new TypeError('the unit starts nothing');
  // One program in its stead, so that a signal finds it; not bash, which reads a .bashrc where its input is a socket.
  const steps = [
    ...before.map(
      ({ words, mayFail }) => `${words.map(quoted).join(' ')}${mayFail ? ' || true' : ' || exit'}`,
    ),
    `exec ${main.words.map(quoted).join(' ')}`,
  ];
  const { program, ended } = run(['/bin/sh', '-c', steps.join('\n')], env);
  const withAfter = async (): Promise<RunEnd> => {
    const end = await ended;
    const result = {
      SERVICE_RESULT: end.exitCode === 0 ? 'success' : 'exit-code',
      EXIT_STATUS: String(end.exitCode),
    };
    for (const { words, mayFail } of unit.values('Service.ExecStopPost').map(readExec)) {
      const after = await run(words, { ...env, ...result }).ended;
      if (after.exitCode !== 0 && !mayFail) return after;
    }
    return end;
  };
  return { program, ended: withAfter() };
}

function quoted(word: string): string {
  return `'${word}'`;
}

function inside(keeper: Program, words: readonly string[], env: Readonly<Record<string, string>>): Program {
  return startProgram('nsenter', [
    '--target',
    String(keeper.pid),
    '--mount',
    '--root',
    '/usr/bin/env',
    '-i',
    '-C',
    '/',
    ...pairs(env),
    ...words,
  ]);
}

function pairs(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([key, value]) => `${key}=${value}`);
}

async function endOf(program: Program): Promise<RunEnd> {
  const end = await program.ended;
  return { ...end, stdout: program.stdout(), stderr: program.stderr() };
}

/** A unit that is enabled must be there. */
const SYSTEMCTL = `#!/bin/sh
echo "$*" >> "$SHIM_STATE/asked"
for word; do
  case $word in
    roc*.service|roc*.timer) [ -f "/etc/systemd/system/$word" ] || exit 1 ;;
  esac
done
`;

/** IMDSv2: no answer without a token. */
function metadata(instanceId: string): string {
  return `#!/bin/sh
case "$*" in
  *X-aws-ec2-metadata-token-ttl-seconds*/latest/api/token) printf token ;;
  *'X-aws-ec2-metadata-token: token'*/latest/meta-data/instance-id) printf ${instanceId} ;;
  *'X-aws-ec2-metadata-token: token'*/target-lifecycle-state) cat "$SHIM_STATE/lifecycle" 2> /dev/null || printf InService ;;
  *) exit 22 ;;
esac
`;
}
