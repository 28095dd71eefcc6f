/** All of AWS that a controller talks to, on one port: group, balancer, metrics, service, database and bucket. */
import { createServer } from 'node:http';
import { createFakeAws, type FakeAws } from '../aws-model/fake-aws.js';
import { type FakeCloudWatch, fakeCloudWatch } from './cloudwatch-fake.js';
import { type FakeBucket, fakeBucket } from './fake-bucket.js';
import { API_TARGETS, type FakeFleet, type FakeFleetOptions, fakeFleet } from './fake-fleet.js';
import { type FakeService, fakeService } from './fake-service.js';
import { type FleetFaults, fleetFaults, fleetHandlers } from './fleet-handlers.js';

export interface FakeWorld {
  readonly url: string;
  readonly fleet: FakeFleet;
  readonly faults: FleetFaults;
  readonly service: FakeService;
  readonly cloudWatch: FakeCloudWatch;
  readonly bucket: FakeBucket;
  readonly aws: FakeAws;
  /** Requests a minute from `from` up to `to`, with a healthy target of each instance. */
  demand(from: number, to: number, requests: number): void;
  /** What did not fit AWS's models; a test ends with it empty. */
  readonly problems: () => readonly string[];
  close(): Promise<void>;
}

const MINUTE = 60_000;
export const BALANCER_ARN =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/roc/50dc6c495c0c9188';

export async function startFakeWorld(options: FakeFleetOptions): Promise<FakeWorld> {
  const { now } = options;
  const fleet = fakeFleet(options);
  const [faults, service, cloudWatch] = [fleetFaults(), fakeService(), fakeCloudWatch(now)];
  const bucket = fakeBucket('roc-robots', now);
  const aws = createFakeAws({
    ...fleetHandlers(fleet, faults),
    ...service.handlers,
    ...cloudWatch.handlers,
    ...instanceHandlers(fleet),
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (/\/s3\/aws4_request/.test(request.headers.authorization ?? '')) {
        const reply = bucket.handle(request, body);
        response.sendDate = false;
        response.writeHead(reply.status, reply.headers).end(reply.body);
        return;
      }
      const reply = aws.handle(request, body);
      const headers = { 'content-type': reply.type, 'x-amzn-requestid': 'roc-test' };
      response.writeHead(reply.status, headers).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    ...{ fleet, faults, service, cloudWatch, bucket, aws },
    demand(from, to, requests) {
      const balancer = { LoadBalancer: 'app/roc/50dc6c495c0c9188', TargetGroup: targetGroupName() };
      for (let at = Math.floor(from / MINUTE) * MINUTE; at < to; at += MINUTE) {
        const put = (metric: string, value: number) =>
          cloudWatch.put({ namespace: 'AWS/ApplicationELB', metric, dimensions: balancer }, at, value);
        put('RequestCount', requests);
        put('HealthyHostCount', fleet.desired);
        put('UnHealthyHostCount', 0);
        const group = { AutoScalingGroupName: fleet.name };
        const busy = Math.min(100, requests / 10 / Math.max(1, fleet.desired));
        cloudWatch.put({ namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: group }, at, busy);
      }
    },
    problems: () => [...aws.problems, ...bucket.problems],
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function targetGroupName(): string {
  return API_TARGETS.split(':').at(-1) ?? '';
}

function instanceHandlers(fleet: FakeFleet) {
  return {
    'ec2:DescribeInstances': (input: { Filters?: { Values?: string[] }[] }) => ({
      Reservations: [
        {
          Instances: fleet.instances
            .filter(({ id }) => input.Filters?.[0]?.Values?.includes(id))
            .map(({ id, launchedAt }) => ({ InstanceId: id, LaunchTime: new Date(launchedAt) })),
        },
      ],
    }),
    'ec2:DescribeInstanceCreditSpecifications': (input: { InstanceIds?: string[] }) => ({
      InstanceCreditSpecifications: (input.InstanceIds ?? []).map((InstanceId) => ({
        InstanceId,
        CpuCredits: 'unlimited',
      })),
    }),
  };
}
