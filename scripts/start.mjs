// `npm start`: a server with a runner, two robots published and deployed, one job run; goes on until Ctrl-C.
//   npm start -- [--exit] [--listen HOST:PORT]      ROC_START_EXIT=1 and ROC_PORT=N say the same
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build-if-stale.mjs';
import { adminPassword } from './start-password.mjs';
import { stopRequest } from './stop-request.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, 'bin/roc.cjs');
const dataDir = resolve('.roc');
const logFile = join(dataDir, 'serve.log');
const email = process.env.ROC_ADMIN_EMAIL || 'admin@localhost';
/** The robots of examples/ in the order in which they are shown; one is started only where its program is here. */
const ROBOTS = [
  { name: 'invoice-totals', needs: 'node' },
  { name: 'bank-reconciliation', needs: 'python3' },
];

process.exitCode = await main();

async function main() {
  const { values } = parseArgs({ options: { exit: { type: 'boolean' }, listen: { type: 'string' } } });
  const listen = values.listen ?? `127.0.0.1:${process.env.ROC_PORT || 7070}`;
  const isOver = values.exit || process.env.ROC_START_EXIT === '1';
  const stop = stopRequest();
  const home = mkdtempSync(join(tmpdir(), 'roc-start-'));
  let server;
  try {
    if (buildIfStale()) say('built roc');
    const password = adminPassword(dataDir, process.env.ROC_ADMIN_PASSWORD);
    server = await startServer(listen, password.text, stop.signal);
    say(
      `roc listens on ${server.url}, its data is in ${relative(process.cwd(), dataDir)}, its log in ${relative(process.cwd(), logFile)}`,
    );
    if (password.isNew)
      say(`${email} signs in with the password in ${relative(process.cwd(), password.file)}`);
    const roc = shell({ home, url: server.url, signal: stop.signal });
    await roc.quiet(['login', '--url', server.url, '--email', email, '--password-stdin'], password.text);
    for (const robot of ROBOTS) await publishAndDeploy(roc, robot);
    for (const robot of ROBOTS) await run(roc, robot);
    await roc.quiet(['logout']);
    whereToLook(server.url, password.file);
    if (isOver) return 0;
    say('Ctrl-C stops all of it');
    await Promise.race([
      stop.requested,
      server.ended.then((end) => fail(`roc serve ended (${end}), see ${logFile}`)),
    ]);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    process.stderr.write(`error: ${error.message}\n${error.hint ? `  next: ${error.hint}\n` : ''}`);
    return error.exitCode ?? 1;
  } finally {
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
    if (stop.signal.aborted) say('stopped');
    stop.dispose();
  }
}

/** Starts `roc serve --with-runner` in a group of its own, so that Ctrl-C reaches it once, by way of this process. */
async function startServer(listen, password, signal) {
  const log = openSync(logFile, 'a', 0o600);
  const args = ['serve', '--with-runner', '--listen', listen, '--data-dir', dataDir, '--json'];
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    // It stops when the channel closes, also where this process was killed.
    stdio: ['ignore', 'pipe', log, 'ipc'],
    env: { ...process.env, ROC_ADMIN_EMAIL: email, ROC_ADMIN_PASSWORD: password },
  });
  closeSync(log);
  const ended = once(child, 'exit').then(([code, by]) => by ?? `exit code ${code}`);
  const stop = async () => {
    if (child.connected) child.disconnect();
    const slow = setTimeout(
      () => say('stopping; a robot at work is given half a minute to end, Ctrl-C again leaves at once'),
      1000,
    );
    const timer = setTimeout(() => child.kill('SIGKILL'), 40_000);
    await ended;
    clearTimeout(timer);
    clearTimeout(slow);
  };
  const interrupted = once(signal, 'abort').then(() => fail('interrupted'));
  try {
    const event = await Promise.race([firstAnswer(child.stdout, ended), interrupted]);
    if (event.error) throw startFailure(event.error, listen);
    return { url: event.url, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    interrupted.catch(() => {});
  }
}

/** The first JSON on the server's stdout: that it listens, or why it cannot. */
async function firstAnswer(stdout, ended) {
  let text = '';
  for await (const line of createInterface({ input: stdout })) {
    text += line;
    try {
      return JSON.parse(text);
    } catch {
      // An error is printed over several lines.
    }
  }
  return fail(`roc serve ended (${await ended}) before it listened; see ${logFile}`);
}

function startFailure({ code, message, hint }, listen) {
  const isTaken = code === 'ROC_PORT_IN_USE';
  const next = isTaken
    ? `stop what listens on ${listen}, or take another port: ROC_PORT=7171 npm start`
    : hint;
  return Object.assign(new Error(message), { hint: next, exitCode: 2 });
}

/** Runs roc as a person would, with a session of its own; what it prints is shown. */
function shell({ home, url, signal }) {
  const { ROC_TOKEN: _, ...rest } = process.env;
  const env = { ...rest, XDG_CONFIG_HOME: home, ROC_URL: url };
  // The channel ends one that waits, also where this process was killed.
  const start = (args, stdio) =>
    spawn(process.execPath, [program, ...args], { stdio: [...stdio, 'ipc'], env, detached: true, signal });
  const end = async (child, args) => {
    const [code] = await once(child, 'close');
    if (code !== 0) fail(`roc ${args.join(' ')} ended with ${code}`, code);
  };
  return {
    async shown(args) {
      say(`\n$ roc ${args.join(' ')}`);
      await end(start(args, ['ignore', 'inherit', 'inherit']), args);
    },
    /** The log comes on stderr and is shown; of the output on stdout the beginning is enough. */
    async ran(args) {
      say(`\n$ roc ${args.join(' ')}`);
      const output = JSON.stringify(JSON.parse((await this.quiet(args)) || 'null'));
      say(`output: ${output.length > 300 ? `${output.slice(0, 300)}…` : output}`);
    },
    async quiet(args, input = '') {
      const child = start(args, ['pipe', 'pipe', 'inherit']);
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      let text = '';
      child.stdout.on('data', (piece) => {
        text += piece;
      });
      await end(child, args);
      return text;
    },
  };
}

async function publishAndDeploy(roc, { name }) {
  const folder = relative(process.cwd(), join(root, 'examples', name)) || '.';
  await roc.shown(['robots', 'publish', folder]);
  const { items: versions } = JSON.parse(await roc.quiet(['robots', 'versions', name, '--json']));
  const version = `${name}@${/^version: *(\S+)/m.exec(readFileSync(join(root, 'examples', name, 'robot.yaml'), 'utf8'))?.[1]}`;
  if (!versions.some((each) => `${name}@${each.version}` === version)) fail(`${version} was not published`);
  const { items: deployed } = JSON.parse(
    await roc.quiet(['deployments', 'list', name, '--in', 'dev', '--json']),
  );
  const isActive = deployed.some((each) => each.active && `${name}@${each.version}` === version);
  if (isActive) say(`${version} is deployed to dev already`);
  else await roc.shown(['deploy', version, '--to', 'dev']);
}

async function run(roc, { name, needs }) {
  const isHere = needs === 'node' || spawnSync(needs, ['--version'], { stdio: 'ignore' }).status === 0;
  if (isHere) await roc.ran(['jobs', 'start', name, '--wait']);
  else say(`\n${name} is deployed, not started: ${needs} was not found on this host`);
}

function whereToLook(url, passwordFile) {
  const secret = existsSync(passwordFile) ? ` < ${relative(process.cwd(), passwordFile)}` : '';
  say(`
Look further, in another shell here (npx roc, or node bin/roc.cjs):
  npx roc login --url ${url} --email ${email} --password-stdin${secret}
  npx roc jobs list
  npx roc jobs start invoice-totals --input '{"months":["2025-03"]}' --wait
  npx roc rollback --help
  ${url}/openapi.json
`);
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

function fail(message, exitCode = 1) {
  throw Object.assign(new Error(message), { exitCode });
}
