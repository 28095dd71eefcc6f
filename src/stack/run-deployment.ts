/** `roc provision` and `roc provision apply`, whole: from roc.yaml or a kept plan to outputs on disk. */
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { type ApplyResult, applyPlan } from './apply.js';
import type { OnFailure } from './aws/change-sets.js';
import { deploy } from './deploy.js';
import { readPlan } from './plan-file.js';
import { type Plan, planJson } from './plan-model.js';
import { type SetupOptions, setUpStack } from './setup.js';
import type { Terminal } from './terminal.js';
import { narrator } from './text/narrate.js';
import { planLines } from './text/plan-lines.js';

export interface DeploymentOptions extends Omit<SetupOptions, 'onEvent'> {
  readonly planFile?: string | undefined;
  readonly allowReplace: readonly string[];
  readonly accept: readonly string[];
  readonly onFailure: OnFailure;
  readonly terminal: Terminal;
}

export interface DeploymentResult {
  readonly stackName: string;
  readonly status: string;
  readonly how: ApplyResult['how'] | 'unchanged';
  readonly outputs: StackOutputs;
  readonly outputsFile: string;
  readonly warnings: readonly string[];
  readonly steps: readonly string[];
}

export async function runDeployment(options: DeploymentOptions): Promise<DeploymentResult> {
  const { terminal, planFile, allowReplace, accept, onFailure } = options;
  let total: number | null = null;
  let steps: readonly string[] = [];
  const progress = terminal.progress(() => narrator(total));
  const room = setUpStack({ ...options, onEvent: (event) => progress.onEvent(event) });
  const show = (plan: Plan) => {
    progress.done();
    total = plan.changes.length;
    // A plan that an earlier version kept has none.
    steps = plan.steps ?? [];
    terminal.printJson?.({ event: 'plan', ...planJson(plan, planFile ?? null) });
    for (const line of planLines(plan)) terminal.line(line);
  };
  const confirm = (question: string) => {
    progress.done();
    return terminal.confirm(question);
  };
  try {
    const result = await (planFile === undefined
      ? deploy(room.engine, {
          plan: {
            ...(await room.planRequest({
              allow: (bucket) => confirm(`The template is large: make the private bucket ${bucket} for it?`),
            })),
            onFailure,
          },
          ...{ allowReplace, accept, show, confirm },
        })
      : applyKept(planFile));
    progress.done();
    const { stackName, status, how, outputs, warnings } = result;
    const outputsFile = room.saveOutputs(outputs);
    for (const line of [...endLines(result, outputsFile), ...steps]) terminal.line(line);
    return { stackName, status, how, outputs, outputsFile, warnings, steps };
  } finally {
    progress.done();
  }

  async function applyKept(file: string) {
    const plan = readPlan(file, room.engine.clock());
    show(plan);
    return applyPlan(room.engine, { plan, allowReplace, accept });
  }
}

function endLines(
  { how, stackName, outputs }: Pick<DeploymentResult, 'how' | 'stackName' | 'outputs'>,
  file: string,
): string[] {
  const said = {
    executed: 'is as planned',
    joined: 'is as planned',
    already: 'was as planned already',
    unchanged: 'is up to date',
  }[how];
  return [
    '',
    `${stackName} ${said}${outputs.url === null ? '' : `: ${outputs.url}`}`,
    `outputs are in ${file}; check the live account with \`roc provision verify\``,
    ...(how === 'executed'
      ? ['what an account has once (GuardDuty, Security Hub): `roc provision account`']
      : []),
  ];
}
