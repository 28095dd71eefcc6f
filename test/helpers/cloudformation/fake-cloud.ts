/** roc's own strict fake of CloudFormation (and the little beside it that a deployment asks), on a port of its own. */
import { createServer } from 'node:http';
import { AwsFault, createFakeAws, type FakeAws, type FakeHandlers } from '../aws-model/fake-aws.js';
import { answerRest, type FakeBucket, route53Handlers, s3Handlers } from './fake-rest.js';
import { type Cloud, cloudFormationHandlers } from './handlers.js';

export interface FakeCloud extends Cloud {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly aws: FakeAws;
  readonly buckets: Map<string, FakeBucket>;
  /** What goes wrong next with a call (`cloudformation:ExecuteChangeSet`): first in, first out. */
  readonly faults: Map<string, Fault[]>;
  /** Added to or put in the place of the standard answers. */
  handlers: FakeHandlers;
  close(): Promise<void>;
}

/** An error instead of the effect, or no answer after it. */
export type Fault = AwsFault | 'dropAnswer';

const ACCOUNT = '111122223333';

export async function startFakeCloud(region = 'eu-west-1'): Promise<FakeCloud> {
  let count = 0;
  const faults = new Map<string, Fault[]>();
  const cloud: Cloud = {
    stacks: new Map(),
    changeSets: new Map(),
    objects: new Map(),
    region,
    account: ACCOUNT,
    stepsPerLook: 50,
    changeSetLooks: 1,
    isPushed: true,
    drift: new Map(),
    driftLooks: new Map(),
    failures: new Map(),
    rollbackFailures: new Map(),
    deleteFailures: new Map(),
    snapshots: [],
    retained: [],
    // A second an event: the order is certain and durations can be told.
    now: () => new Date(Date.UTC(2026, 10, 20, 3, 0, count++)),
    nextId: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
  };
  const standard = { ...cloudFormationHandlers(cloud), ...accountHandlers(cloud), ...guardHandlers(cloud) };
  const aws = createFakeAws({});
  const buckets = new Map<string, FakeBucket>();
  const fake = Object.assign(cloud, { aws, faults, buckets, handlers: {} as FakeHandlers });
  const rest = { ...s3Handlers(buckets, cloud.objects), ...route53Handlers() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const before = aws.calls.length;
      const service = /\/(s3|route53)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1];
      if (service !== undefined) {
        const { status, headers, body } = answerRest(service, rest, aws, request, Buffer.concat(chunks));
        response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body);
        return;
      }
      aws.handlers = faulty({ ...standard, ...fake.handlers }, faults);
      const reply = aws.handle(request, Buffer.concat(chunks));
      const call = aws.calls[before];
      const queue = call === undefined ? undefined : faults.get(call);
      if (queue?.[0] === 'dropAnswer') {
        queue.shift();
        request.socket.destroy();
        return;
      }
      response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return Object.assign(fake, {
    url,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

function faulty(handlers: FakeHandlers, faults: ReadonlyMap<string, Fault[]>): FakeHandlers {
  return Object.fromEntries(
    Object.entries(handlers).map(([call, handler]) => [
      call,
      (input: Record<string, never>) => {
        const next = faults.get(call)?.[0];
        if (next instanceof AwsFault) {
          faults.get(call)?.shift();
          throw next;
        }
        return handler(input);
      },
    ]),
  );
}

function accountHandlers(cloud: Cloud): FakeHandlers {
  const { region } = cloud;
  return {
    'sts:GetCallerIdentity': () => ({
      UserId: 'AIDA',
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:user/ana`,
    }),
    'acm:DescribeCertificate': (input) => ({
      Certificate: { CertificateArn: String(input['CertificateArn']), Status: 'ISSUED' },
    }),
    'service-quotas:GetServiceQuota': () => ({ Quota: { Value: 5 } }),
    'ec2:DescribeVpcs': () => ({ Vpcs: [] }),
    'ec2:DescribeAddresses': () => ({ Addresses: [] }),
    'ec2:DescribeNatGateways': () => ({ NatGateways: [] }),
    'ecr:DescribeRepositories': () => {
      throw new AwsFault('RepositoryNotFoundException', 'The repository does not exist');
    },
    'ecr:DescribeImages': () => {
      if (cloud.isPushed) return { imageDetails: [{ imageTags: ['any'] }] };
      throw new AwsFault('RepositoryNotFoundException', 'The repository does not exist');
    },
    'ec2:DescribeAvailabilityZones': () => ({
      AvailabilityZones: ['a', 'b', 'c'].map((letter) => ({
        ZoneName: `${region}${letter}`,
        ZoneType: 'availability-zone',
        State: 'available',
      })),
    }),
    'ec2:DescribeManagedPrefixLists': () => ({
      PrefixLists: [{ PrefixListId: 'pl-6da54004', PrefixListName: `com.amazonaws.${region}.s3` }],
    }),
    'ssm:GetParameter': (input) => {
      const name = String(input['Name']);
      if (name.startsWith('/aws/service/ami-amazon-linux-latest/'))
        return { Parameter: { Name: name, Value: name.endsWith('arm64') ? 'ami-0arm64' : 'ami-0x86' } };
      throw new AwsFault('ParameterNotFound', 'no such parameter');
    },
  };
}

/** The live databases and balancers are the resources of the stacks. */
function guardHandlers(cloud: Cloud): FakeHandlers {
  const live = (type: string, physicalId: unknown) =>
    [...cloud.stacks.values()]
      .flatMap(({ resources }) => [...resources.values()])
      .find((resource) => resource.type === type && resource.physicalId === physicalId);
  const database = (id: unknown) => {
    const found = live('AWS::RDS::DBInstance', id);
    if (found === undefined) throw new AwsFault('DBInstanceNotFound', 'DBInstance not found', 404);
    return found;
  };
  return {
    'rds:DescribeDBInstances': ({ DBInstanceIdentifier }) => {
      const { physicalId, properties } = database(DBInstanceIdentifier);
      return {
        DBInstances: [
          {
            DBInstanceIdentifier: physicalId,
            DeletionProtection: properties['DeletionProtection'] === true,
          },
        ],
      };
    },
    'rds:ModifyDBInstance': ({ DBInstanceIdentifier, DeletionProtection }) => {
      database(DBInstanceIdentifier).properties['DeletionProtection'] = DeletionProtection;
      return { DBInstance: { DBInstanceIdentifier } };
    },
    'elbv2:DescribeLoadBalancerAttributes': () => ({
      Attributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }],
    }),
  };
}
