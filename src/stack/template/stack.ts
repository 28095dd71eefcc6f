/** The whole stack, part by part, in the order in which they need each other. */
import { App, BootstraplessSynthesizer, type IStackSynthesizer, Stack } from 'aws-cdk-lib/core';
import type { StackFacts } from '../facts.js';
import type { StackSettings } from '../settings.js';
import type { Context } from './context.js';
import { buildKeys } from './keys.js';
import { buildNetwork } from './network.js';
import { buildOutputs } from './outputs.js';
import { buildStorage } from './storage.js';

/** The construct tree, for those who judge or write it. `outdir` takes what the library insists to write. */
export function buildApp(
  settings: StackSettings,
  facts: StackFacts,
  outdir: string,
): { app: App; stack: Stack } {
  const app = new App({
    analyticsReporting: false,
    treeMetadata: false,
    // `roc provision check` runs the validators; synthesis alone takes a fiftieth of their time.
    builtinCloudFormationValidation: false,
    outdir,
  });
  const stack = new Stack(app, settings.stackName, {
    stackName: settings.stackName,
    description: `roc orchestrator, ${settings.env} (${settings.compute})`,
    env: { region: facts.region },
    // The library's own types disagree under exactOptionalPropertyTypes.
    synthesizer: new BootstraplessSynthesizer() as unknown as IStackSynthesizer,
  });
  build({ stack, settings, facts, name: settings.stackName });
  return { app, stack };
}

function build(context: Context): void {
  const keys = buildKeys(context);
  const network = buildNetwork(context, keys.logsKeyArn);
  const storage = buildStorage(context, keys.dataKeyArn);
  buildOutputs(context, {
    url: null,
    vpcId: network.vpcId,
    privateSubnetIds: network.privateSubnets,
    isolatedSubnetIds: network.isolatedSubnets,
    albArn: null,
    apiTargetGroupArn: null,
    runnerTargetGroupArn: null,
    webAclArn: null,
    asgName: null,
    ecsCluster: null,
    ecsService: null,
    bastionInstanceId: null,
    dbInstanceId: null,
    dbEndpoint: null,
    dbPort: null,
    dbSecretArn: null,
    restoreSubnetGroup: null,
    restoreSecurityGroupId: null,
    robotsBucket: storage.robots.name,
    kmsKeyArn: keys.dataKeyArn,
    ecrRepositoryUri: storage.registry.uri,
    backupVault: null,
    alarmTopicArn: null,
    logGroups: null,
  });
}
