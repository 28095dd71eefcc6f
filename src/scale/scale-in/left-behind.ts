/** What a scale-in that could be neither ended nor undone leaves behind, in words. */
import type { ScaleIn } from '../lease/record.js';

/** Its steps go on within one look, so that nothing here is certain but what may be. */
export function leftBehind({ instanceId, restsServer }: ScaleIn): string {
  const server = restsServer ? 'its server may still be at rest, and ' : '';
  return `the scale-in of ${instanceId} is half done: ${server}it may be out of its target groups`;
}

/** How it comes right: by itself, or by hand. */
export function wayBack({ instanceId, beats, restsServer, targetGroupArns }: ScaleIn): string {
  const byHand = [
    ...(restsServer ? [`\`roc nodes resume ${beats?.node ?? 'NODE'}\``] : []),
    ...(targetGroupArns.length > 0 ? [`register ${instanceId} with its target groups`] : []),
  ];
  const next = 'The next look of `roc scale watch` or `roc scale apply` ends or undoes it';
  return byHand.length === 0 ? `${next}.` : `${next}; by hand: ${byHand.join(' and ')}.`;
}
