/** The fake's REST-XML services: the buckets that roc keeps templates in, and hosted zones; checked against the models. */
import type { IncomingMessage } from 'node:http';
import { shapeProblems } from '../aws-model/check-shape.js';
import { AwsFault } from '../aws-model/fake-aws.js';
import { readRestXml, writeRestXml } from '../aws-model/rest-xml.js';
import { serviceModel } from '../aws-model/service-model.js';

export interface FakeBucket {
  /** By operation: what was put last. */
  readonly settings: Map<string, unknown>;
}

type RestHandlers = Record<string, (input: Record<string, unknown>) => Record<string, unknown> | undefined>;

export interface RestReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Null for a request that is not signed for one of these services. */
export function answerRest(
  service: string,
  handlers: RestHandlers,
  told: { readonly calls: string[]; readonly problems: string[] },
  request: IncomingMessage,
  body: Buffer,
): RestReply {
  const model = serviceModel(service);
  const call = readRestXml(model, request, body);
  if (call === null) {
    told.problems.push(`${service}: no operation for ${request.method} ${request.url}`);
    return { status: 404, headers: {}, body: '' };
  }
  const name = `${service}:${call.operation}`;
  told.calls.push(name);
  const handler = handlers[name];
  const ref = model.operations[call.operation];
  if (ref?.input)
    told.problems.push(...shapeProblems(model, ref.input, call.input).map((p) => `${name} request: ${p}`));
  if (handler === undefined) {
    told.problems.push(`${name}: no handler`);
    return { status: 500, headers: {}, body: '' };
  }
  try {
    const output = handler(call.input) ?? {};
    if (ref?.output)
      told.problems.push(...shapeProblems(model, ref.output, output).map((p) => `${name} reply: ${p}`));
    return { status: 200, ...writeRestXml(model, call.operation, output) };
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    const xml = `<Error><Code>${error.code}</Code><Message>${error.message}</Message></Error>`;
    return { status: error.status, headers: {}, body: request.method === 'HEAD' ? '' : xml };
  }
}

export function s3Handlers(buckets: Map<string, FakeBucket>, objects: Map<string, string>): RestHandlers {
  const bucketOf = (input: Record<string, unknown>): FakeBucket => {
    const bucket = buckets.get(String(input['Bucket']));
    if (bucket === undefined) throw new AwsFault('NoSuchBucket', 'The specified bucket does not exist', 404);
    return bucket;
  };
  const put = (operation: string) => (input: Record<string, unknown>) => {
    bucketOf(input).settings.set(operation, input);
    return {};
  };
  const puts = [
    'PutPublicAccessBlock',
    'PutBucketPolicy',
    'PutBucketEncryption',
    'PutBucketVersioning',
    'PutBucketLifecycleConfiguration',
    'PutBucketTagging',
  ];
  return {
    's3:HeadBucket': (input) => {
      bucketOf(input);
      return {};
    },
    's3:CreateBucket': (input) => {
      const name = String(input['Bucket']);
      if (buckets.has(name))
        throw new AwsFault('BucketAlreadyOwnedByYou', 'Your previous request succeeded', 409);
      buckets.set(name, { settings: new Map() });
      return { Location: `/${name}` };
    },
    's3:PutObject': (input) => {
      bucketOf(input);
      objects.set(`/${String(input['Bucket'])}/${String(input['Key'])}`, String(input['Body']));
      return { ETag: '"etag"' };
    },
    ...Object.fromEntries(puts.map((operation) => [`s3:${operation}`, put(operation)])),
  };
}

export function route53Handlers(): RestHandlers {
  return {
    'route53:ListHostedZonesByName': () => ({ HostedZones: [], IsTruncated: false, MaxItems: '1' }),
  };
}
