/** Every unit and script that a host of any profile gets, read as systemd and bash would. */
import { describe, expect, test } from 'vitest';
import { resolveText, type StackValues } from '../../helpers/first-start/resolve.js';
import { readExec, readUnit } from '../../helpers/first-start/unit-file.js';
import { PROFILE_NAMES, type ProfileName, templateFor } from '../samples.js';

/** Anything that only AWS knows is a word without a blank. */
const ANY: StackValues = new Proxy({}, { get: (_, key) => `value-of-${String(key)}` });

async function filesOf(profile: ProfileName, id: string): Promise<Map<string, string>> {
  const { Resources } = await templateFor(profile);
  const data = Resources[id]?.Properties?.['LaunchTemplateData'] as { UserData: unknown } | undefined;
  const script = data === undefined ? '' : resolveText(data.UserData, ANY);
  return new Map(
    [...script.matchAll(/^cat > (\S+) <<'ROC_END'\n([\s\S]*?)\nROC_END$/gm)].map(
      ([, path = '', text = '']) => [path, text],
    ),
  );
}

const HOSTS = PROFILE_NAMES.flatMap((profile) =>
  ['AppLaunchTemplate', 'OpsLaunchTemplate'].map((id) => [profile, id] as const),
);

describe.each(HOSTS)('%s %s', (profile, id) => {
  test('units name keys that systemd knows, programs that are there, and units that exist', async () => {
    const files = await filesOf(profile, id);
    const units = [...files].filter(([path]) => path.startsWith('/etc/systemd/system/'));
    for (const [path, text] of units) {
      const unit = readUnit(text);
      for (const key of ['ExecStartPre', 'ExecStart', 'ExecStop', 'ExecStopPost'])
        for (const [program = ''] of unit.values(`Service.${key}`).map((line) => readExec(line).words))
          expect(program === '/usr/bin/docker' || files.has(program), `${path}: ${program}`).toBe(true);
      if (path.endsWith('.timer')) expect(files.has(path.replace(/timer$/, 'service')), path).toBe(true);
    }
  });

  test('what takes long is given its time, and what is stopped may end by itself', async () => {
    for (const [path, text] of await filesOf(profile, id)) {
      if (!path.endsWith('.service')) continue;
      const unit = readUnit(text);
      // Without a limit of its own a oneshot is ended after a minute and a half.
      if (unit.value('Service.Type') === 'oneshot')
        expect(unit.value('Service.TimeoutStartSec'), path).not.toBeNull();
      // systemd knows no other for it.
      if (unit.value('Service.Restart') === 'always')
        expect(unit.value('Service.Type') ?? 'simple', path).toBe('simple');
    }
  });
});

test('a container may write its state and its temporary folders, and nothing else', async () => {
  const script = (await filesOf('prod', 'OpsLaunchTemplate')).get('/usr/local/sbin/roc-duty') ?? '';
  for (const part of [
    '--read-only',
    '-v "$work:/work:ro"',
    '-v "$state:/work/.roc"',
    '--user 1000:1000',
    '--cap-drop ALL',
  ])
    expect(script).toContain(part);
  expect(script).toContain('install -d -o 1000 -g 1000 -m 0700 "$state"');
});

test('the server writes into memory alone', async () => {
  const unit = (await filesOf('prod', 'AppLaunchTemplate')).get('/etc/systemd/system/roc.service') ?? '';
  expect(unit).toContain('--read-only --tmpfs /tmp --tmpfs /run/roc:uid=1000,gid=1000,mode=0700');
  expect((await filesOf('prod', 'AppLaunchTemplate')).get('/etc/roc/env')).toContain(
    'ROC_SERVER__DATA_DIR=/run/roc/data',
  );
});

test('an instance starts after its ways out and its rights', async () => {
  const { Resources } = await templateFor('prod');
  for (const [id, own] of [
    ['Servers', 'AppRolePolicy'],
    ['Bastion', 'BastionRolePolicy'],
    ['OpsHost', 'OpsBackupVerifyPolicy'],
  ] as const)
    expect(Resources[id]?.DependsOn, id).toEqual(
      expect.arrayContaining([
        own,
        'S3Endpoint',
        'SsmEndpoint',
        'SecretsmanagerEndpoint',
        'PrivateARoutesAssociation',
      ]),
    );
});

test('the host of the duties reaches the balancer from inside, whatever the exposure', async () => {
  for (const profile of PROFILE_NAMES) {
    const { Resources } = await templateFor(profile);
    expect(Resources['BalancerGroupFromOpsGroup443']?.Type, profile).toBe('AWS::EC2::SecurityGroupIngress');
  }
});
