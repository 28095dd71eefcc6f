/** The same stack as an application of the construct library has it by default: with its tree and its validation. */
import { App, BootstraplessSynthesizer, type IStackSynthesizer, Stack } from 'aws-cdk-lib/core';
import { unknownFacts } from '../../src/stack/facts.js';
import { stackConfigSchema } from '../../src/stack/model.js';
import { settle } from '../../src/stack/settings.js';
import { buildInto } from '../../src/stack/template/stack.js';

const config = stackConfigSchema.parse({
  region: 'eu-west-1',
  corporateCidrs: ['203.0.113.0/24'],
  domain: { name: 'roc.example.com', zoneId: 'Z0123456789ABC' },
});

const app = new App({ outdir: process.argv[2] ?? '', analyticsReporting: false });
const stack = new Stack(app, 'roc-prod', {
  env: { region: 'eu-west-1' },
  synthesizer: new BootstraplessSynthesizer() as unknown as IStackSynthesizer,
});
buildInto(stack, settle(config, '1.0.0'), unknownFacts('eu-west-1'));
app.synth();
