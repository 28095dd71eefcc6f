/** Configuration and facts become one CloudFormation template; the construct library is loaded here and nowhere else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../kernel/canonical-json.js';
import type { StackConfig } from './config-shape.js';
import type { StackFacts } from './facts.js';
import { inOrder } from './order.js';
import { settle } from './settings.js';
import { type Blueprint, type Template, templateBody, templateSha } from './template.js';

export interface Synthesis {
  readonly blueprint: Blueprint;
  /** The minified text, the same for the same configuration, facts and version. */
  readonly body: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly resources: number;
}

export interface SynthesisRequest {
  readonly config: StackConfig;
  readonly facts: StackFacts;
  /** roc's own version. */
  readonly version: string;
}

/** Takes some seconds the first time in a process; cache.ts remembers what it made. */
export async function synthesise(request: SynthesisRequest): Promise<Synthesis> {
  const { buildApp } = await import('./template/stack.js');
  const outdir = mkdtempSync(join(tmpdir(), 'roc-synth-'));
  try {
    const settings = settle(request.config, request.version);
    const { app, stack } = buildApp(settings, request.facts, outdir);
    const artifact = app.synth().getStackByName(stack.stackName);
    return synthesisOf(request, artifact.template as Template);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** What a template is to the engine that deploys it. */
export function synthesisOf({ config, facts, version }: SynthesisRequest, raw: Template): Synthesis {
  const sorted = JSON.parse(canonicalJson(raw)) as Template;
  const template = { ...sorted, Resources: inOrder(sorted.Resources) };
  const body = templateBody(template);
  const settings = settle(config, version);
  return {
    blueprint: {
      stackName: settings.stackName,
      env: settings.env,
      isProduction: settings.env === 'prod',
      template,
      parameters: {},
      tags: { 'roc:env': settings.env, 'roc:stack': settings.stackName, ...settings.tags },
      account: config.account ?? null,
      region: config.region ?? null,
      certificateArn: config.domain?.certificateArn ?? facts.certificateArn,
    },
    body,
    sha256: templateSha(body),
    bytes: Buffer.byteLength(body),
    resources: Object.keys(template.Resources).length,
  };
}
