import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../helpers/parts.js';
import { projectPath } from '../helpers/project.js';
import { type Pty, startPty } from '../helpers/pty.js';
import { cleanEnv } from '../helpers/roc.js';
import { type SpawnedGateway, spawnGateway } from '../helpers/ssm-gateway/spawn-gateway.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const TARGET = 'i-0123456789abcdef0';
const ROC = `${process.execPath} ${projectPath('bin/roc.cjs')} bastion connect ${TARGET}`;
/** Full screen as an editor has it: the other screen, the cursor anywhere, drawn anew at each new size. */
const FULL_SCREEN = `
import os, signal, sys, termios, tty
def draw(*_):
    size = os.get_terminal_size()
    sys.stdout.write('\\x1b[2J\\x1b[%d;1Hsize=%dx%d' % (size.lines, size.columns, size.lines))
    sys.stdout.flush()
old = termios.tcgetattr(0)
tty.setraw(0)
sys.stdout.write('\\x1b[?1049h')
signal.signal(signal.SIGWINCH, draw)
draw()
while True:
    key = os.read(0, 1)
    if key == b'q':
        break
    sys.stdout.write('key=%02x;\\n' % key[0])
    sys.stdout.flush()
sys.stdout.write('\\x1b[?1049l')
termios.tcsetattr(0, termios.TCSANOW, old)
`;

describeWith(['python3', 'botocore'], 'a shell on a real terminal', () => {
  let gateway: SpawnedGateway;
  let home: string;
  const open: Pty[] = [];
  beforeAll(async () => {
    gateway = await spawnGateway();
    home = makeTempDir('terminal');
  });
  afterEach(() => {
    for (const pty of open.splice(0)) pty.kill();
  });
  afterAll(async () => {
    await gateway.stop();
    removeDir(home);
  });

  // What the terminal is like afterwards, the same terminal says.
  const connect = (flags = '', size: { cols?: number; rows?: number } = {}) => {
    const script = `echo "shell $$"; ${ROC} ${flags}; echo "left with $?"; stty -a; echo done`;
    const pty = startPty(['sh', '-c', script], { env: { ...cleanEnv(home), ...gateway.env }, ...size });
    open.push(pty);
    return pty;
  };
  const expectRestored = async (pty: Pty) => {
    await pty.waitFor(/\bdone\r\n$/);
    const modes = pty.text().split('left with')[1] ?? '';
    for (const mode of ['isig', 'icanon', 'echo', 'opost'])
      expect(modes).toMatch(new RegExp(`[^-]\\b${mode}\\b`));
  };

  it('shows the session, runs commands, passes UTF-8, ends with exit', async () => {
    const pty = connect();
    await pty.waitFor(/session roc-\w+ on i-0123456789abcdef0[\s\S]*remote\$ /);
    pty.write("printf '%s-%s\\n' ñandú ✓\r");
    await pty.waitFor(/ñandú-✓/);
    pty.write('exit\r');
    await pty.waitFor(/left with 0/);
    await expectRestored(pty);
  });

  it('gives the remote terminal this size, and every new one', async () => {
    const pty = connect('', { cols: 123, rows: 45 });
    await pty.waitFor(/remote\$ /);
    pty.write('stty size\r');
    await pty.waitFor(/45 123/);
    pty.resize(90, 30);
    pty.write('sleep 0.3; stty size\r');
    await pty.waitFor(/30 90/);
    pty.write('exit\r');
    await pty.waitFor(/left with 0/);
  });

  it('sends Ctrl-C, Ctrl-Z and Ctrl-\\ to the remote side and lives on', async () => {
    const pty = connect();
    await pty.waitFor(/remote\$ /);
    pty.write('sleep 100\r');
    await pty.waitFor(/sleep 100\r\n/);
    pty.write('\x03');
    pty.write('echo after-$?\r');
    await pty.waitFor(/after-130/);
    pty.write('cat\r');
    await pty.waitFor(/cat\r\n/);
    pty.write('\x1a');
    await pty.waitFor(/Stopped/);
    // The shell would not leave while it knows of a stopped job.
    pty.write('kill %1; fg; echo still-$((40+2))\r');
    await pty.waitFor(/still-42/);
    pty.write('exit\r');
    await pty.waitFor(/left with 0/);
    await expectRestored(pty);
  });

  it('carries a full-screen program: other screen, single keys, new sizes', async () => {
    const pty = connect('', { cols: 100, rows: 30 });
    await pty.waitFor(/remote\$ /);
    pty.write(`python3 -c '${FULL_SCREEN.replaceAll("'", `'"'"'`).trim()}'\r`);
    await pty.waitFor(/\[\?1049h[\s\S]*size=100x30/);
    // Ctrl-O, Ctrl-S, Ctrl-Y, escape and an arrow: keys that a terminal of ours could swallow.
    pty.write('\x0f\x13\x19');
    await pty.waitFor(/key=0f;[\s\S]*key=13;[\s\S]*key=19;/);
    // A line feed of a full-screen program moves down and nothing else.
    expect(pty.text()).toMatch(/[^\r]\nkey=13;/);
    pty.resize(140, 50);
    await pty.waitFor(/size=140x50/);
    pty.write('q');
    await pty.waitFor(/\[\?1049l\S*remote/);
    pty.write('exit\r');
    await pty.waitFor(/left with 0/);
  });

  it('leaves by ~. at the start of a line', async () => {
    const pty = connect();
    await pty.waitFor(/remote\$ /);
    pty.write('echo a~.b\r');
    await pty.waitFor(/a~\.b\r\n/);
    pty.write('~.');
    await pty.waitFor(/left with 0/);
    await expectRestored(pty);
  });

  it('gives the terminal back when it is told to end', async () => {
    const pty = connect();
    await pty.waitFor(/remote\$ /);
    const shell = /shell (\d+)/.exec(pty.text())?.[1] ?? '';
    pty.write(`kill -TERM $(pgrep -P ${shell})\r`);
    await pty.waitFor(/left with 0/);
    await expectRestored(pty);
  });

  it('survives the hourly close without a word', async () => {
    const pty = connect();
    await pty.waitFor(/remote\$ /);
    await gateway.command('bye');
    pty.write('echo over-$((6*7))\r');
    await pty.waitFor(/over-42/);
    pty.write('exit\r');
    await pty.waitFor(/left with 0/);
  });

  it('records what is shown, for its owner alone, and refuses to write over a file', async () => {
    const file = join(home, 'session.cast');
    const pty = connect(`--record ${file}`, { cols: 80, rows: 24 });
    await pty.waitFor(/remote\$ /);
    pty.write('echo recorded-ñ\r');
    await pty.waitFor(/recorded-ñ\r\n/);
    pty.write('exit\r');
    await pty.waitFor(/left with 0/);
    const [header, ...events] = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
    expect(events.map(([, , text]) => text).join('')).toContain('recorded-ñ');
    expect(events.every(([seconds, code]) => seconds >= 0 && ['o', 'r'].includes(code))).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = connect(`--record ${file}`);
    await again.waitFor(/is there already[\s\S]*left with 2/);
  });
});
