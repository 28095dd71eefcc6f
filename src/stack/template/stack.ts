/** The whole stack, part by part, in the order in which they need each other. */
import { App, BootstraplessSynthesizer, type IStackSynthesizer, Stack } from 'aws-cdk-lib/core';
import type { StackFacts } from '../facts.js';
import type { StackSettings } from '../settings.js';
import { buildAlarms } from './alarms.js';
import { buildAppOnInstances } from './app-ec2.js';
import { buildAppOnFargate } from './app-ecs.js';
import { buildBackup } from './backup.js';
import { buildBastion } from './bastion.js';
import type { Context } from './context.js';
import { buildDashboard } from './dashboard.js';
import { buildDatabase, tellOfDatabase } from './database.js';
import { buildDnsFirewall } from './dns-firewall.js';
import { buildEdge } from './edge.js';
import { buildEndpoints } from './endpoints.js';
import { buildFindings } from './findings.js';
import { buildGroups } from './groups.js';
import { buildKeys, type Keys } from './keys.js';
import { logGroup } from './logs.js';
import { buildNetwork } from './network.js';
import { buildOps } from './ops.js';
import { buildOutputs, type OutputValues, outputsAsJson } from './outputs.js';
import { buildSecrets } from './secrets.js';
import { buildStorage } from './storage.js';
import { buildTopic } from './topic.js';
import { buildWaf, protect } from './waf.js';

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
  buildInto(stack, settings, facts);
  return { app, stack };
}

/** The resources alone, into a stack of somebody's own application of the construct library. */
export function buildInto(stack: Stack, settings: StackSettings, facts: StackFacts): void {
  build({ stack, settings, facts, name: settings.stackName });
}

function build(context: Context): void {
  const { settings } = context;
  const keys = buildKeys(context);
  const network = buildNetwork(context, keys.logsKeyArn);
  const groups = buildGroups(context);
  const { restore } = groups;
  const storage = buildStorage(context, keys.dataKeyArn);
  const secrets = buildSecrets(context, keys.dataKeyArn);
  const topicArn = buildTopic(context, keys.logsKeyArn);
  const logs = buildLogs(context, keys);
  buildEndpoints(context, network, groups.endpoints);
  buildDnsFirewall(context, network);
  const database = buildDatabase(context, { network, group: groups.database, ...keys });
  tellOfDatabase(context, database, topicArn);
  const edge = buildEdge(context, { network, group: groups.balancer, storage });
  const waf = buildWaf(context, keys.logsKeyArn);
  protect(context, waf.arn, edge.balancerArn);
  const needs = { ...keys, url: edge.url, network, database, secrets, storage, edge, logs, topicArn };
  const app = { ...needs, group: groups.app };
  const asgName = settings.compute === 'ec2' ? buildAppOnInstances(context, app) : null;
  const ecs = settings.compute === 'ecs' ? buildAppOnFargate(context, app) : null;
  const [subnetId = ''] = network.privateSubnets;
  const bastionId =
    groups.bastion === null
      ? null
      : buildBastion(context, { group: groups.bastion, subnetId, logs, dataKeyArn: keys.dataKeyArn });
  const backupVault = buildBackup(context, {
    database,
    restoreGroup: restore,
    robotsBucketArn: storage.robots.arn,
    dataKeyArn: keys.dataKeyArn,
    topicArn,
  });
  buildFindings(context, topicArn, waf.blockList);
  const watched = { topicArn, edge, database, asgName, ecs, bastionId };
  buildAlarms(context, watched);
  buildDashboard(context, watched);
  const values: OutputValues = {
    url: edge.url,
    vpcId: network.vpcId,
    privateSubnetIds: network.privateSubnets,
    isolatedSubnetIds: network.isolatedSubnets,
    albArn: edge.balancerArn,
    apiTargetGroupArn: edge.apiTargets.arn,
    runnerTargetGroupArn: edge.runnerTargets.arn,
    webAclArn: waf.arn,
    asgName,
    ecsCluster: ecs?.cluster ?? null,
    ecsService: ecs?.service ?? null,
    bastionInstanceId: bastionId,
    dbInstanceId: database.id,
    dbEndpoint: database.endpoint,
    dbPort: String(settings.db.port),
    dbSecretArn: database.masterSecretArn,
    restoreSubnetGroup: database.restoreSubnetGroup,
    restoreSecurityGroupId: restore.id,
    robotsBucket: storage.robots.name,
    kmsKeyArn: keys.dataKeyArn,
    ecrRepositoryUri: storage.registry.uri,
    backupVault,
    alarmTopicArn: topicArn,
    logGroups: [...Object.values(logs).map((group) => group.name), waf.logGroup, ...database.logGroups],
  };
  buildOutputs(context, values);
  if (groups.ops !== null && keys.evidenceKeyArn !== null)
    buildOps(context, {
      ...needs,
      evidenceKeyArn: keys.evidenceKeyArn,
      group: groups.ops,
      subnetId,
      servers: { asgName, ecs },
      outputs: outputsAsJson(context, values),
    });
}

function buildLogs(context: Context, { logsKeyArn }: Keys) {
  const group = (id: string, suffix: string) =>
    logGroup(context, id, `/roc/${context.name}/${suffix}`, logsKeyArn);
  return {
    orchestrator: group('OrchestratorLogs', 'orchestrator'),
    system: group('SystemLogs', 'system'),
    duties: group('DutyLogs', 'duties'),
    sessions: group('SessionLogs', 'sessions'),
  };
}
