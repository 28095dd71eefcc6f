/**
 * A strict proxy in front of moto_server that makes its RDS behave as AWS's: a fake, and labelled so in the tests that
 * use it. It checks requests against AWS's own model, lets states take their time, re-applies what moto drops (False
 * and 0), refuses what AWS refuses, adds faults on demand, and puts a real MariaDB with TLS behind every instance.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { shapeProblems } from '../aws-model/check-shape.js';
import { errorXml, readForm } from '../aws-model/query-protocol.js';
import { serviceModel } from '../aws-model/service-model.js';
import { makeCertificates } from '../certificates.js';
import type { Moto } from '../moto.js';
import { initialiseData, type RealDatabase, startDatabase } from './real-database.js';
import { type RefusalFacts, refusalOf, WINDOW } from './refusals.js';
import { startVaultFake, type VaultFake } from './vault-fake.js';

export type FaultKind = 'unavailable' | 'throttled' | 'expired' | 'drop-reply';

export interface ProxyFault {
  readonly action: string;
  readonly kind: FaultKind;
  times: number;
}

export interface RdsProxy {
  readonly url: string;
  readonly caFile: string;
  /** What did not fit AWS's model; a test ends with `expect(proxy.problems).toEqual([])`. */
  readonly problems: string[];
  /** `Action id` of each change that was asked for. */
  readonly changes: string[];
  readonly faults: ProxyFault[];
  /** Instances stay in this status until it is null again. */
  hold: string | null;
  /** Restored instances end as this instead of `available`. */
  end: string;
  /** Restored instances are protected, as moto's are. */
  protect: boolean;
  /** Restored servers take connections without TLS. */
  tlsOptional: boolean;
  /** Puts the server of `id` behind the name of every instance restored from now on. */
  behindRestored: string | null;
  /** Milliseconds that each status takes. */
  pace: number;
  /** Restored servers that run now. */
  readonly databases: ReadonlyMap<string, RealDatabase>;
  readonly vault: VaultFake;
  /** The real database of an instance. */
  database(id: string): RealDatabase;
  /** Puts a real database with an empty schema behind an instance that moto has. */
  attach(id: string): Promise<RealDatabase>;
  close(): Promise<void>;
}

export interface ProxyOptions {
  readonly moto: Moto;
  readonly dir: string;
  /** Where requests to Session Manager go. */
  readonly gatewayUrl: string;
  /** Names that the agent can resolve; instances are added to it. */
  readonly hosts: Record<string, string>;
}

interface Shadow {
  bornAt: number;
  deletedAt: number | null;
  resetAt: number | null;
  readonly isRestored: boolean;
  readonly overrides: Record<string, string>;
  address: string;
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

const STATES = ['creating', 'modifying', 'backing-up'];

export async function startRdsProxy(options: ProxyOptions): Promise<RdsProxy> {
  const { moto, dir, hosts } = options;
  const shadows = new Map<string, Shadow>();
  const databases = new Map<string, RealDatabase>();
  const snapshots = new Map<string, { data: string; at: number }>();
  const certificatesDir = join(dir, 'ca');
  mkdirSync(certificatesDir, { recursive: true });
  const authority = makeCertificates(certificatesDir);
  const model = serviceModel('rds');
  let serial = 0;
  const refusalFacts: RefusalFacts = {
    statusOf,
    groupsExist,
    isKeyEnabled,
    async snapshot(id) {
      const described = await ask({ Action: 'DescribeDBSnapshots', DBSnapshotIdentifier: id });
      return described.status === 200 ? described.text : null;
    },
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      route(request, Buffer.concat(chunks), response).catch((error: unknown) => {
        proxy.problems.push(String(error instanceof Error ? error.stack : error));
        response.writeHead(500).end();
      });
    });
  });

  async function route(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const service =
      /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (service === 'ssm') return pass(options.gatewayUrl, request, body, response);
    if (service === 'backup') return pass(vault.url, request, body, response);
    if (service !== 'rds') return pass(moto.url, request, body, response);
    const form = new URLSearchParams(body.toString('utf8'));
    const action = form.get('Action') ?? '';
    const known = model.operations[action];
    if (known?.input === undefined) proxy.problems.push(`rds:${action}: no such operation`);
    else
      proxy.problems.push(
        ...shapeProblems(model, known.input, readForm(model, known.input, new URLSearchParams(form))).map(
          (problem) => `rds:${action}: ${problem}`,
        ),
      );
    const fault = proxy.faults.find((entry) => entry.times > 0 && entry.action === action);
    if (fault !== undefined) fault.times -= 1;
    if (fault !== undefined && fault.kind !== 'drop-reply') return failWith(response, FAULTS[fault.kind]);
    const refusal = await refusalOf(action, form, refusalFacts);
    if (refusal !== null) return failWith(response, [400, ...refusal]);
    const reply = await carryOut(action, form);
    if (fault?.kind === 'drop-reply') return void response.destroy();
    response.writeHead(reply.status, {
      'content-type': 'text/xml',
      'x-amzn-requestid': `request-${++serial}`,
    });
    response.end(reply.status === 200 ? overlay(reply.text, action) : reply.text);
  }

  async function carryOut(action: string, form: URLSearchParams): Promise<Reply> {
    const id = form.get('DBInstanceIdentifier') ?? form.get('TargetDBInstanceIdentifier') ?? '';
    if (!/^(Describe|List)/.test(action)) proxy.changes.push(`${action} ${id}`.trim());
    await finishDeletions();
    if (action === 'DeleteDBInstance' && shadows.has(id)) return beginDeletion(id);
    if (action === 'DescribeOrderableDBInstanceOptions') return orderable(form);
    // Every account has the default option groups; moto's has none.
    if (form.get('OptionGroupName')?.startsWith('default:')) form.delete('OptionGroupName');
    const reply = await ask(form);
    if (reply.status !== 200) return reply;
    if (action.startsWith('RestoreDBInstance')) await afterRestore(id, form, reply.text);
    if (action === 'CreateDBSnapshot') await takeSnapshot(form.get('DBSnapshotIdentifier') ?? '', id);
    if (action === 'ModifyDBInstance') await afterModify(id, form);
    return reply;
  }

  async function beginDeletion(id: string): Promise<Reply> {
    const described = await ask({ Action: 'DescribeDBInstances', DBInstanceIdentifier: id });
    if (/<DeletionProtection>true/i.test(described.text))
      return {
        status: 400,
        text: errorXml(model, 'InvalidParameterCombination', 'Cannot delete protected DB Instance'),
      };
    const shadow = shadows.get(id);
    if (shadow !== undefined) shadow.deletedAt ??= Date.now();
    const block = /<DBInstance>[\s\S]*<\/DBInstance>/.exec(described.text)?.[0] ?? '';
    return {
      status: 200,
      text: `<DeleteDBInstanceResponse><DeleteDBInstanceResult>${block}</DeleteDBInstanceResult></DeleteDBInstanceResponse>`,
    };
  }

  async function afterRestore(id: string, form: URLSearchParams, text: string): Promise<void> {
    const address = /<Address>([^<]+)<\/Address>/.exec(text)?.[1] ?? '';
    const overrides: Record<string, string> = {};
    for (const name of ['MultiAZ', 'BackupRetentionPeriod', 'PubliclyAccessible', 'CACertificateIdentifier'])
      if (form.has(name)) overrides[name] = form.get(name) ?? '';
    if (!proxy.protect)
      await ask({
        Action: 'ModifyDBInstance',
        DBInstanceIdentifier: id,
        DeletionProtection: 'false',
        ApplyImmediately: 'true',
      });
    shadows.set(id, {
      bornAt: Date.now(),
      deletedAt: null,
      resetAt: null,
      isRestored: true,
      overrides,
      address,
    });
    const data = join(dir, `data-${++serial}`);
    const snapshot = form.get('DBSnapshotIdentifier');
    if (snapshot === null) await databases.get(form.get('SourceDBInstanceIdentifier') ?? '')?.copyTo(data);
    else cpSync(snapshots.get(snapshot)?.data ?? '', data, { recursive: true });
    const behind = proxy.behindRestored === null ? undefined : databases.get(proxy.behindRestored);
    databases.set(id, behind ?? (await launch(data, address)));
    hosts[address] = '127.0.0.1';
  }

  async function launch(data: string, address: string): Promise<RealDatabase> {
    const home = join(dir, `server-${++serial}`);
    mkdirSync(home);
    const certificates = makeCertificates(home, [address], authority);
    return startDatabase(home, data, { certificates, requireTls: !proxy.tlsOptional });
  }

  async function takeSnapshot(snapshot: string, id: string): Promise<void> {
    const data = join(dir, `snapshot-${++serial}`);
    await databases.get(id)?.copyTo(data);
    snapshots.set(snapshot, { data, at: Date.now() });
  }

  async function afterModify(id: string, form: URLSearchParams): Promise<void> {
    const password = form.get('MasterUserPassword');
    const shadow = shadows.get(id);
    const newId = form.get('NewDBInstanceIdentifier');
    if (newId !== null && shadow !== undefined) rename(id, newId, shadow);
    if (password === null || shadow === undefined) return;
    shadow.resetAt = Date.now();
    await databases.get(id)?.execute(`ALTER USER admin@'%' IDENTIFIED BY '${password}'`);
  }

  function rename(id: string, newId: string, shadow: Shadow): void {
    const database = databases.get(id);
    shadows.delete(id);
    databases.delete(id);
    delete hosts[shadow.address];
    shadow.address = shadow.address.replace(/^[^.]+/, newId);
    hosts[shadow.address] = '127.0.0.1';
    shadows.set(newId, shadow);
    if (database !== undefined) databases.set(newId, database);
  }

  function statusOf(id: string): string | null {
    const shadow = shadows.get(id);
    if (shadow === undefined) return null;
    const now = Date.now();
    if (shadow.deletedAt !== null) return 'deleting';
    if (!shadow.isRestored) return 'available';
    const step = Math.floor((now - shadow.bornAt) / proxy.pace);
    const natural = STATES[step] ?? proxy.end;
    if (
      proxy.hold !== null &&
      (natural === proxy.end || STATES.indexOf(natural) >= STATES.indexOf(proxy.hold))
    )
      return proxy.hold;
    const isResetting = shadow.resetAt !== null && now - shadow.resetAt < proxy.pace;
    return isResetting ? 'resetting-master-credentials' : natural;
  }

  async function finishDeletions(): Promise<void> {
    for (const [id, shadow] of shadows) {
      if (shadow.deletedAt === null || Date.now() - shadow.deletedAt < proxy.pace) continue;
      shadows.delete(id);
      await ask({ Action: 'DeleteDBInstance', DBInstanceIdentifier: id, SkipFinalSnapshot: 'true' });
      const database = databases.get(id);
      databases.delete(id);
      delete hosts[shadow.address];
      if (database !== undefined && ![...databases.values()].includes(database)) {
        await database.stop();
        rmSync(database.dataDir, { recursive: true, force: true });
      }
    }
  }

  /** What moto cannot know: states, real ports, the values that it dropped. */
  function overlay(text: string, action: string): string {
    const instances = text.replace(/<DBInstance>[\s\S]*?<\/DBInstance>/g, (block) => {
      const id = /<DBInstanceIdentifier>([^<]+)</.exec(block)?.[1] ?? '';
      const shadow = shadows.get(id);
      if (shadow === undefined) return block;
      const status = statusOf(id) ?? 'available';
      let changed = withField(block, 'DBInstanceStatus', status);
      for (const [name, value] of Object.entries(shadow.overrides)) changed = withField(changed, name, value);
      const port = databases.get(id)?.port;
      changed =
        port === undefined || status === 'creating'
          ? changed.replace(/<Endpoint>[\s\S]*?<\/Endpoint>/, '')
          : changed.replace(
              /<Endpoint>[\s\S]*?<\/Endpoint>/,
              `<Endpoint><Address>${shadow.address}</Address><Port>${port}</Port></Endpoint>`,
            );
      if (status === 'resetting-master-credentials')
        changed = withField(
          changed,
          'PendingModifiedValues',
          '<MasterUserPassword>****</MasterUserPassword>',
        );
      return changed;
    });
    if (action !== 'DescribeDBInstanceAutomatedBackups') return instances;
    const [from, to] = [Date.now() - WINDOW, Date.now() - 60_000].map((at) => new Date(at).toISOString());
    return instances.replace(
      /<DBInstanceAutomatedBackup>/g,
      `$&<RestoreWindow><EarliestTime>${from}</EarliestTime><LatestTime>${to}</LatestTime></RestoreWindow>`,
    );
  }

  async function ask(form: URLSearchParams | Record<string, string>): Promise<Reply> {
    const fields = new URLSearchParams(form as Record<string, string>);
    if (!fields.has('Version')) fields.set('Version', '2014-10-31');
    const answer = await fetch(moto.url, { method: 'POST', body: fields.toString(), headers: SIGNED('rds') });
    return { status: answer.status, text: await answer.text() };
  }

  async function groupsExist(groups: readonly string[]): Promise<boolean> {
    const form = new URLSearchParams({ Action: 'DescribeSecurityGroups', Version: '2016-11-15' });
    groups.forEach((group, index) => {
      form.set(`GroupId.${index + 1}`, group);
    });
    const answer = await fetch(moto.url, { method: 'POST', body: form.toString(), headers: SIGNED('ec2') });
    return groups.length > 0 && answer.ok;
  }

  async function isKeyEnabled(key: string): Promise<boolean> {
    const answer = await fetch(moto.url, {
      method: 'POST',
      body: JSON.stringify({ KeyId: key }),
      headers: {
        ...SIGNED('kms'),
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'TrentService.DescribeKey',
      },
    });
    return /"KeyState": ?"Enabled"/.test(await answer.text());
  }

  function failWith(
    response: ServerResponse,
    [status, code, message]: readonly [number, string, string],
  ): void {
    response.writeHead(status, { 'content-type': 'text/xml' }).end(errorXml(model, code, message));
  }

  /** AWS Backup restores through RDS, and hands on no tags of ours. */
  const vault = await startVaultFake(async (snapshot, metadata) => {
    const form = new URLSearchParams({
      Action: 'RestoreDBInstanceFromDBSnapshot',
      DBSnapshotIdentifier: snapshot,
      DBInstanceIdentifier: metadata['DBInstanceIdentifier'] ?? '',
      DBSubnetGroupName: metadata['DBSubnetGroupName'] ?? '',
      'VpcSecurityGroupIds.VpcSecurityGroupId.1': JSON.parse(metadata['VpcSecurityGroupIds'] ?? '[""]')[0],
      MultiAZ: metadata['MultiAZ'] ?? 'true',
      'Tags.Tag.1.Key': 'made-by',
      'Tags.Tag.1.Value': 'aws-backup',
    });
    const { status, text } = await carryOut('RestoreDBInstanceFromDBSnapshot', form);
    if (status !== 200) throw new TypeError(text);
    return /<DBInstanceArn>([^<]+)</.exec(text)?.[1] ?? '';
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const proxy: RdsProxy = {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    caFile: authority.caFile,
    problems: [],
    changes: [],
    faults: [],
    hold: null,
    end: 'available',
    protect: false,
    tlsOptional: false,
    behindRestored: null,
    pace: 400,
    vault,
    databases,
    database(id) {
      const found = databases.get(id);
      if (found === undefined) throw new TypeError(`no database behind ${id}`);
      return found;
    },
    async attach(id) {
      const { text } = await ask({ Action: 'DescribeDBInstances', DBInstanceIdentifier: id });
      const address = /<Address>([^<]+)<\/Address>/.exec(text)?.[1] ?? '';
      const data = join(dir, `data-${++serial}`);
      await initialiseData(data);
      const database = await launch(data, address);
      await database.execute(
        "CREATE USER admin@'%' IDENTIFIED BY 'Pr0d-secret-9'",
        "GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION",
      );
      databases.set(id, database);
      shadows.set(id, {
        bornAt: 0,
        deletedAt: null,
        resetAt: null,
        isRestored: false,
        overrides: {},
        address,
      });
      hosts[address] = '127.0.0.1';
      return database;
    },
    async close() {
      proxy.problems.push(...vault.problems);
      await vault.close();
      for (const database of new Set(databases.values())) await database.stop();
      await new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    },
  };
  return proxy;
}

const FAULTS = {
  unavailable: [503, 'ServiceUnavailable', 'try later'],
  throttled: [400, 'Throttling', 'Rate exceeded'],
  expired: [403, 'ExpiredToken', 'The security token included in the request is expired'],
} as const satisfies Record<Exclude<FaultKind, 'drop-reply'>, readonly [number, string, string]>;

/** Moto offers only what it carries data of; AWS offers these families. */
function orderable(form: URLSearchParams): Reply {
  const wanted = form.get('DBInstanceClass') ?? '';
  const option = `<OrderableDBInstanceOption><Engine>mysql</Engine><DBInstanceClass>${wanted}</DBInstanceClass></OrderableDBInstanceOption>`;
  const options = /^db\.(t3|t4g|m6g|r6g)\.\w+$/.test(wanted) ? option : '';
  const result = `<OrderableDBInstanceOptions>${options}</OrderableDBInstanceOptions>`;
  const name = 'DescribeOrderableDBInstanceOptions';
  return { status: 200, text: `<${name}Response><${name}Result>${result}</${name}Result></${name}Response>` };
}

const SIGNED = (service: string) => ({
  'content-type': 'application/x-www-form-urlencoded',
  authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
});

function withField(block: string, name: string, value: string): string {
  const field = `<${name}>${value}</${name}>`;
  const present = new RegExp(`<${name}>[\\s\\S]*?</${name}>|<${name}/>`);
  return present.test(block)
    ? block.replace(present, field)
    : block.replace(/<\/DBInstance>$/, `${field}</DBInstance>`);
}

function pass(url: string, request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const target = new URL(request.url ?? '/', url);
    const forwarded = httpRequest(
      target,
      { method: request.method, headers: { ...request.headers, host: target.host } },
      (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(response).once('close', resolve);
      },
    );
    forwarded.once('error', () => {
      response.destroy();
      resolve();
    });
    forwarded.end(body);
  });
}
