import { describe, expect, test } from 'vitest';
import { imagePlace, stepsForImage } from '../../src/stack/first-image.js';
import { synthesise } from '../../src/stack/synthesise.js';
import { configOf, factsOf, settingsOf, templateFor, VERSION } from './samples.js';

const PLACE = { account: '111122223333', region: 'eu-west-1' };

describe('an image that is not there', () => {
  test.each(['prod', 'ecs'] as const)('%s: nothing is started by the first deployment', async (profile) => {
    const facts = { ...factsOf(), hasImage: false };
    const { blueprint } = await synthesise({ config: configOf(profile), facts, version: VERSION });
    const { Servers, Service, ServiceScaling } = blueprint.template.Resources;
    if (profile === 'prod') expect(Servers?.Properties).toMatchObject({ MinSize: '0', MaxSize: '6' });
    else {
      expect(Service?.Properties).toMatchObject({ DesiredCount: 0 });
      expect(ServiceScaling?.Properties).toMatchObject({ MinCapacity: 0 });
    }
    const missing = imagePlace(settingsOf(profile));
    expect(stepsForImage(missing, blueprint.template, PLACE).join('\n')).toContain(
      'docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/roc-prod/orchestrator:1.2.3',
    );
    // Servers that run are not given what they cannot pull.
    const running = await templateFor(profile);
    expect(() => stepsForImage(missing, running, PLACE)).toThrow(/servers run/);
  });

  test.each([
    ['prod', 't3.small', 'linux/amd64'],
    ['prod', 't4g.small', 'linux/arm64'],
    ['ecs', 't4g.small', 'linux/amd64'],
  ] as const)('%s on %s is built for %s', (profile, instanceType, platform) => {
    const settings = settingsOf(profile);
    const place = imagePlace({ ...settings, app: { ...settings.app, instanceType } });
    expect(stepsForImage(place, null, PLACE).join('\n')).toContain(`docker build --platform ${platform} `);
  });

  test('an image of somebody else is named as it is', () => {
    const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/base/roc:1.0.0';
    expect(imagePlace(settingsOf('prod', { app: { image } }))).toEqual({
      ...{ account: '123456789012', region: 'eu-west-1', repository: 'base/roc', tag: '1.0.0', digest: null },
      platform: 'linux/amd64',
    });
    const digest = `sha256:${'a'.repeat(64)}`;
    const pinned = image.replace(':1.0.0', `@${digest}`);
    expect(imagePlace(settingsOf('prod', { app: { image: pinned } }))).toMatchObject({ tag: '', digest });
  });
});
