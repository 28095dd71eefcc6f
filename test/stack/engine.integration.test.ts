import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyPlan } from '../../src/stack/apply.js';
import { discardPlan, makePlan } from '../../src/stack/plan.js';
import type { SavedPlan } from '../../src/stack/plan-file.js';
import { type FakeCloud, startFakeCloud } from '../helpers/cloudformation/fake-cloud.js';
import { planRequest, smallTemplate, testEngine } from '../helpers/cloudformation/small-stack.js';
import { describeWith } from '../helpers/parts.js';

describeWith('botocore', 'plan and apply on the strict fake of CloudFormation', () => {
  let cloud: FakeCloud;
  beforeAll(async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'testing';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'testing';
    cloud = await startFakeCloud();
  });
  afterAll(async () => {
    expect(cloud.aws.problems).toEqual([]);
    await cloud.close();
  });

  it('creates', async () => {
    const engine = testEngine(cloud);
    const plan = await makePlan(engine, planRequest());
    expect(plan.changes.map(({ action, logicalId }) => `${action} ${logicalId}`)).toMatchInlineSnapshot(`
      [
        "add Network",
        "add AppGroup",
        "add Role",
        "add Robots",
        "add Database",
        "add Topic",
      ]
    `);
    const result = await applyPlan(engine, { plan: plan as SavedPlan, allowReplace: [] });
    expect(result).toMatchInlineSnapshot(`
      {
        "how": "executed",
        "outputs": {
          "account": "111122223333",
          "alarmTopicArn": null,
          "albArn": null,
          "apiTargetGroupArn": null,
          "asgName": null,
          "backupVault": null,
          "bastionInstanceId": null,
          "dbEndpoint": null,
          "dbInstanceId": null,
          "dbPort": 3306,
          "dbSecretArn": null,
          "ecrRepositoryUri": null,
          "ecsCluster": null,
          "ecsService": null,
          "isolatedSubnetIds": null,
          "kmsKeyArn": null,
          "logGroups": null,
          "privateSubnetIds": [
            "subnet-a",
            "subnet-b",
          ],
          "region": "eu-west-1",
          "restoreSecurityGroupId": null,
          "restoreSubnetGroup": null,
          "robotsBucket": "roc-dev-Robots-00000031",
          "runnerTargetGroupArn": null,
          "url": null,
          "vpcId": "roc-dev-Network-00000010",
          "webAclArn": null,
        },
        "stackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/roc-dev/00000000-0000-4000-8000-000000000001",
        "stackName": "roc-dev",
        "status": "CREATE_COMPLETE",
        "warnings": [],
      }
    `);
    expect(engine.events.map((e) => JSON.stringify(e))).toMatchInlineSnapshot(`
      [
        "{"event":"stack","at":"2026-11-20T03:00:06.000Z","status":"CREATE_IN_PROGRESS","reason":"User Initiated"}",
        "{"event":"resource","at":"2026-11-20T03:00:08.000Z","logicalId":"Network","type":"AWS::EC2::VPC","status":"CREATE_IN_PROGRESS","reason":null,"physicalId":null,"elapsedMs":0,"usualMs":null}",
        "{"event":"resource","at":"2026-11-20T03:00:11.000Z","logicalId":"Network","type":"AWS::EC2::VPC","status":"CREATE_IN_PROGRESS","reason":"Resource creation Initiated","physicalId":"roc-dev-Network-00000010","elapsedMs":3000,"usualMs":null}",
        "{"event":"resource","at":"2026-11-20T03:00:13.000Z","logicalId":"Network","type":"AWS::EC2::VPC","status":"CREATE_COMPLETE","reason":null,"physicalId":"roc-dev-Network-00000010","elapsedMs":5000,"usualMs":null}",
        "{"event":"resource","at":"2026-11-20T03:00:15.000Z","logicalId":"AppGroup","type":"AWS::EC2::SecurityGroup","status":"CREATE_IN_PROGRESS","reason":null,"physicalId":null,"elapsedMs":0,"usualMs":null}",
        "{"event":"resource","at":"2026-11-20T03:00:18.000Z","logicalId":"AppGroup","type":"AWS::EC2::SecurityGroup","status":"CREATE_IN_PROGRESS","reason":"Resource creation Initiated","physicalId":"roc-dev-AppGroup-00000017","elapsedMs":3000,"usualMs":null}",
        "{"event":"resource","at":"2026-11-20T03:00:20.000Z","logicalId":"AppGroup","type":"AWS::EC2::SecurityGroup","status":"CREATE_COMPLETE","reason":null,"physicalId":"roc-dev-AppGroup-00000017","elapsedMs":5000,"usualMs":null}",
        "{"event":"resource","at":"2026-11-20T03:00:22.000Z","logicalId":"Role","type":"AWS::IAM::Role","status":"CREATE_IN_PROGRESS","reason":null,"physicalId":null,"elapsedMs":0,"usualMs":20000}",
        "{"event":"resource","at":"2026-11-20T03:00:25.000Z","logicalId":"Role","type":"AWS::IAM::Role","status":"CREATE_IN_PROGRESS","reason":"Resource creation Initiated","physicalId":"roc-dev-Role-00000024","elapsedMs":3000,"usualMs":20000}",
        "{"event":"resource","at":"2026-11-20T03:00:27.000Z","logicalId":"Role","type":"AWS::IAM::Role","status":"CREATE_COMPLETE","reason":null,"physicalId":"roc-dev-Role-00000024","elapsedMs":5000,"usualMs":20000}",
        "{"event":"resource","at":"2026-11-20T03:00:29.000Z","logicalId":"Robots","type":"AWS::S3::Bucket","status":"CREATE_IN_PROGRESS","reason":null,"physicalId":null,"elapsedMs":0,"usualMs":25000}",
        "{"event":"resource","at":"2026-11-20T03:00:32.000Z","logicalId":"Robots","type":"AWS::S3::Bucket","status":"CREATE_IN_PROGRESS","reason":"Resource creation Initiated","physicalId":"roc-dev-Robots-00000031","elapsedMs":3000,"usualMs":25000}",
        "{"event":"resource","at":"2026-11-20T03:00:34.000Z","logicalId":"Robots","type":"AWS::S3::Bucket","status":"CREATE_COMPLETE","reason":null,"physicalId":"roc-dev-Robots-00000031","elapsedMs":5000,"usualMs":25000}",
        "{"event":"resource","at":"2026-11-20T03:00:36.000Z","logicalId":"Database","type":"AWS::RDS::DBInstance","status":"CREATE_IN_PROGRESS","reason":null,"physicalId":null,"elapsedMs":0,"usualMs":900000}",
        "{"event":"resource","at":"2026-11-20T03:00:39.000Z","logicalId":"Database","type":"AWS::RDS::DBInstance","status":"CREATE_IN_PROGRESS","reason":"Resource creation Initiated","physicalId":"roc-dev-Database-00000038","elapsedMs":3000,"usualMs":900000}",
        "{"event":"resource","at":"2026-11-20T03:00:41.000Z","logicalId":"Database","type":"AWS::RDS::DBInstance","status":"CREATE_COMPLETE","reason":null,"physicalId":"roc-dev-Database-00000038","elapsedMs":5000,"usualMs":900000}",
        "{"event":"resource","at":"2026-11-20T03:00:43.000Z","logicalId":"Topic","type":"AWS::SNS::Topic","status":"CREATE_IN_PROGRESS","reason":null,"physicalId":null,"elapsedMs":0,"usualMs":null}",
        "{"event":"resource","at":"2026-11-20T03:00:46.000Z","logicalId":"Topic","type":"AWS::SNS::Topic","status":"CREATE_IN_PROGRESS","reason":"Resource creation Initiated","physicalId":"roc-dev-Topic-00000045","elapsedMs":3000,"usualMs":null}",
        "{"event":"resource","at":"2026-11-20T03:00:48.000Z","logicalId":"Topic","type":"AWS::SNS::Topic","status":"CREATE_COMPLETE","reason":null,"physicalId":"roc-dev-Topic-00000045","elapsedMs":5000,"usualMs":null}",
        "{"event":"stack","at":"2026-11-20T03:00:50.000Z","status":"CREATE_COMPLETE","reason":null}",
      ]
    `);
    const again = await makePlan(engine, planRequest());
    expect(again).toMatchObject({ changes: [], pending: null });
    const update = await makePlan(
      engine,
      planRequest(
        smallTemplate((r) => {
          r['Database'] = {
            ...r['Database']!,
            Properties: { ...r['Database']!.Properties, MultiAZ: false, StorageEncrypted: false },
          };
        }),
      ),
    );
    expect(update.changes).toMatchInlineSnapshot(`
      [
        {
          "action": "modify",
          "fate": "snapshot",
          "logicalId": "Database",
          "physicalId": "roc-dev-Database-00000038",
          "properties": [
            {
              "after": false,
              "before": true,
              "path": "Properties.MultiAZ",
              "recreation": "never",
            },
            {
              "after": false,
              "before": true,
              "path": "Properties.StorageEncrypted",
              "recreation": "always",
            },
          ],
          "replacement": "always",
          "stateful": true,
          "type": "AWS::RDS::DBInstance",
        },
      ]
    `);
    await discardPlan(engine, update);
    expect(cloud.changeSets.size).toBe(1);
  });
});
