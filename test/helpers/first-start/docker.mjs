// Stands in for the docker of an ops host or a server: it takes the options that the units use and no other, and runs
// the image as the Dockerfile describes it, in mounts of its own: read-only root, user, volumes, environment, hosts.
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const { SHIM_STATE: state = '', SHIM_PROJECT: project = '', SHIM_NODE: node = '' } = process.env;
const [command, ...words] = process.argv.slice(2);
const pulledFile = join(state, 'pulled');
const pulled = () => (existsSync(pulledFile) ? readFileSync(pulledFile, 'utf8').split('\n') : []);

function fail(message, code = 125) {
  process.stderr.write(`docker: ${message}\n`);
  process.exit(code);
}

const ALONE = ['--rm', '--read-only', '--no-healthcheck'];
const VALUED = [
  ...[
    '--name',
    '--user',
    '--network',
    '--pull',
    '--tmpfs',
    '--cap-drop',
    '--security-opt',
    '--env-file',
    '-e',
  ],
  ...['-v', '-w', '--log-driver', '--log-opt', '--stop-timeout', '--add-host'],
];

function parse(args) {
  const options = {};
  let at = 0;
  for (; args[at]?.startsWith('-'); at++) {
    const [name, ...rest] = args[at].split('=');
    const add = (value) => {
      options[name] = [...(options[name] ?? []), value];
    };
    if (ALONE.includes(args[at])) add(true);
    else if (name.startsWith('--') && VALUED.includes(name) && rest.length > 0) add(rest.join('='));
    else if (VALUED.includes(args[at])) add(args[++at] ?? fail(`${args[at]} needs a value`));
    else fail(`unknown flag: ${args[at]}`);
  }
  return { options, image: args[at], command: args.slice(at + 1) };
}

/** As docker reads it: no quotes, no expansion; a name alone takes what the caller has. */
function envFile(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [key] = line.split('=');
      if (/\s/.test(key)) fail(`invalid env file: ${key}`);
      return line.includes('=') ? line : `${key}=${process.env[key] ?? ''}`;
    });
}

/** What the last stage of the Dockerfile says of files and environment. */
function image() {
  const text = readFileSync(join(project, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
  const stages = text.split(/^FROM /m);
  const lines = stages.at(-1).split('\n');
  const copies = lines
    .filter((line) => line.startsWith('COPY '))
    .flatMap((line) => {
      const paths = line
        .split(/\s+/)
        .slice(1)
        .filter((word) => !word.startsWith('--'));
      const [target, sources] = [paths.at(-1), paths.slice(0, -1).map((path) => path.replace('/src/', ''))];
      return sources.map((source) => [
        join(project, source),
        target === './' ? `/app/${source.split('/').at(-1)}` : join('/app', target),
      ]);
    });
  const env = lines.filter((line) => line.startsWith('ENV ')).flatMap((line) => line.split(/\s+/).slice(1));
  const removed = [...stages.at(-2).matchAll(/rm -rf ((?:node_modules\/\S+\s*)+)/g)].flatMap(([, list]) =>
    list.trim().split(/\s+/),
  );
  return { copies, env, removed: removed.map((path) => `/app/${path}`) };
}

function mounts({ options, root }) {
  const { copies, removed } = image();
  const lines = [
    `C=${root}`,
    'mount -t tmpfs -o mode=755 tmpfs $C',
    'mkdir -p $C/proc $C/dev $C/etc $C/tmp $C/run $C/app $C/node',
    'for d in usr bin sbin lib lib64; do if [ -L /$d ]; then cp -d /$d $C/; elif [ -d /$d ]; then mkdir $C/$d; mount --bind /$d $C/$d; mount -o remount,bind,ro $C/$d; fi; done',
    'mount --bind /proc $C/proc',
    'for d in null zero random urandom; do touch $C/dev/$d; mount --bind /dev/$d $C/dev/$d; done',
    `touch $C/node/node; mount --bind ${node} $C/node/node`,
    `touch $C/etc/hosts; mount --bind ${join(state, 'hosts')} $C/etc/hosts`,
    'echo "node:x:1000:1000::/home/node:/bin/sh" > $C/etc/passwd',
    'echo "hosts: files" > $C/etc/nsswitch.conf',
    'if [ -d /etc/ssl ]; then mkdir $C/etc/ssl; mount --bind /etc/ssl $C/etc/ssl; fi',
  ];
  const bind = (from, to, isFolder, isReadOnly) => {
    lines.push(isFolder ? `mkdir -p $C${to}` : `mkdir -p $C${dirname(to)}; [ -e $C${to} ] || touch $C${to}`);
    lines.push(`mount --bind ${from} $C${to}`);
    if (isReadOnly) lines.push(`mount -o remount,bind,ro $C${to}`);
  };
  const isFolder = (path) =>
    spawnSync('test', ['-d', path], { timeout: 10_000, killSignal: 'SIGKILL' }).status === 0;
  for (const [from, to] of copies) bind(from, to, isFolder(from), true);
  for (const path of removed) lines.push(`mount -t tmpfs -o ro tmpfs $C${path}`);
  bind(join(state, 'ca.pem'), '/app/rds-ca.pem', false, true);
  for (const text of options['--tmpfs'] ?? []) {
    const [path, how = ''] = text.split(':');
    const known = how.split(',').filter(Boolean);
    const odd = known.find((option) => !/^(uid|gid|mode|size)=\w+$/.test(option));
    if (odd !== undefined) fail(`invalid tmpfs option ${odd}`);
    lines.push(`mkdir -p $C${path}; mount -t tmpfs -o ${['mode=1777', ...known].join(',')} tmpfs $C${path}`);
  }
  const volumes = (options['-v'] ?? []).map((text) => text.split(':'));
  // Docker mounts the outer one first, whatever the order it was told.
  for (const [from, to, how] of volumes.sort((a, b) => a[1].split('/').length - b[1].split('/').length)) {
    if (!existsSync(from)) mkdirSync(from, { recursive: true });
    bind(from, to, isFolder(from), how === 'ro');
  }
  const workdir = options['-w']?.[0] ?? '/app';
  if (options['--read-only']) lines.push('mount -o remount,ro $C');
  const [uid, gid] = (options['--user']?.[0] ?? '1000:1000').split(':');
  lines.push(
    `exec chroot $C /usr/bin/setpriv --reuid=${uid} --regid=${gid} --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs -- /usr/bin/env -C ${workdir} -- "$@"`,
  );
  return lines.join('\n');
}

function run(args) {
  const { options, image: name, command: words } = parse(args);
  if (!pulled().includes(name)) fail(`no such image: ${name}`);
  const [container = 'unnamed'] = options['--name'] ?? [];
  const pidFile = join(state, `container-${container}`);
  if (existsSync(pidFile)) fail(`the name ${container} is in use`);
  if ((options['--network'] ?? [])[0] !== 'host') fail('only the network of the host is there');
  appendFileSync(
    join(state, 'add-hosts'),
    (options['--add-host'] ?? []).map((text) => `${text.split(':')[1]} ${text.split(':')[0]}\n`).join(''),
  );
  const root = mkdtempSync(join(state, 'root-'));
  const emulator = Object.entries(process.env)
    .filter(([key]) => key.startsWith('AWS_'))
    .map(([key, value]) => `${key}=${value}`);
  const env = [
    ...['PATH=/node:/usr/bin:/bin', ...image().env, ...emulator],
    ...(options['--env-file'] ?? []).flatMap(envFile),
    ...(options['-e'] ?? []),
  ];
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      'bash',
      '-euc',
      mounts({ options, root }),
      'container',
      '/usr/bin/env',
      '-i',
      ...env,
      '/app/entrypoint.sh',
      ...words,
    ],
    { stdio: ['inherit', 'pipe', 'pipe'] },
  );
  writeFileSync(pidFile, String(child.pid));
  appendFileSync(join(state, 'runs'), `${JSON.stringify({ container, words, log: options['--log-opt'] })}\n`);
  for (const name of ['stdout', 'stderr'])
    child[name].on('data', (chunk) => {
      appendFileSync(join(state, 'log'), chunk);
      process[name].write(chunk);
    });
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => {
    rmSync(pidFile, { force: true });
    rmSync(root, { recursive: true, force: true });
    process.exitCode = signal === null ? code : 137;
  });
}

const actions = {
  run: () => run(words),
  image: () => process.exit(words[0] === 'inspect' && pulled().includes(words[1]) ? 0 : 1),
  login() {
    const password = readFileSync(0, 'utf8').trim();
    const host = words.at(-1);
    if (
      words.slice(0, -1).join(' ') !== '--username AWS --password-stdin' ||
      password === '' ||
      !/\.dkr\.ecr\./.test(host)
    )
      fail('unauthorized', 1);
  },
  pull() {
    const [flag, name] = words;
    if (
      flag !== '--quiet' ||
      !existsSync(join(state, 'pushed')) ||
      readFileSync(join(state, 'pushed'), 'utf8') !== name
    )
      fail(`manifest for ${name} not found`, 1);
    appendFileSync(pulledFile, `${name}\n`);
  },
  rm: end,
  stop: end,
};

function end() {
  const pidFile = join(state, `container-${words.at(-1)}`);
  if (!existsSync(pidFile)) fail('no such container', 1);
  process.kill(Number(readFileSync(pidFile, 'utf8')), command === 'rm' ? 'SIGKILL' : 'SIGTERM');
}

(actions[command] ?? (() => fail(`unknown command: ${command}`)))();
