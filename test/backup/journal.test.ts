/** The journal and the table it is held to: every phase, every event, every damaged byte. */
import { describe, expect, it } from 'vitest';
import type { RunEventType } from '../../src/backup/run/events.js';
import { readJournal } from '../../src/backup/run/journal.js';
import { isRunId, newRunId, runTags, tagValue, testIdOf } from '../../src/backup/run/names.js';
import { PHASES, STEPS, TRANSITIONS } from '../../src/backup/run/transitions.js';
import { createLaboratory, RUN } from '../helpers/backup/run-in-memory.js';

const EVENTS: readonly RunEventType[] = [
  'intent',
  'result',
  'resumed',
  'clock-jumped',
  'preflight-passed',
  'point-replaced',
  'class-replaced',
  'restore-accepted',
  'status',
  'reachable',
  'signed-in',
  'checks-planned',
  'check-done',
  'checks-done',
  'way-lost',
  'failed',
  'interrupted',
  'judged',
  'cleaned',
  'kept',
  'cleanup-failed',
  'signed',
  'published',
  'planned',
];

describe('the table of a run', () => {
  it('is this, whole', () => {
    const rows = PHASES.map((phase) => {
      const next = EVENTS.flatMap((event) => {
        const to = TRANSITIONS[phase][event];
        return to === undefined || to === 'same' ? [] : [`${event}>${to}`];
      });
      return `${phase} [${STEPS[phase]}] ${next.join(' ')}`.trim();
    });
    expect(rows).toEqual([
      'planned [preflight] preflight-passed>ready failed>judging interrupted>judging',
      'ready [restore] point-replaced>planned restore-accepted>restoring failed>judging interrupted>judging',
      'restoring [await] reachable>reachable failed>judging interrupted>judging',
      'reachable [sign-in] signed-in>checking failed>judging interrupted>judging',
      'checking [check] resumed>reachable checks-done>judging way-lost>reachable failed>judging interrupted>judging',
      'judging [judge] judged>cleaning',
      'cleaning [clean] cleaned>cleaned kept>cleaned cleanup-failed>cleaned',
      'cleaned [sign] signed>signed',
      'signed [publish] published>published',
      'published [null]',
    ]);
  });

  it('leads from every phase through judgement and cleaning to the end', () => {
    for (const phase of PHASES) {
      const reached = new Set<string>();
      const visit = (from: (typeof PHASES)[number]) => {
        if (reached.has(from)) return;
        reached.add(from);
        for (const to of Object.values(TRANSITIONS[from])) if (to !== 'same') visit(to);
      };
      visit(phase);
      expect(reached).toContain('published');
      if (PHASES.indexOf(phase) < PHASES.indexOf('cleaning')) expect(reached).toContain('cleaning');
    }
  });
});

describe('a journal', () => {
  const whole = async () => {
    const lab = createLaboratory();
    await lab.begin();
    return lab;
  };

  it('is read back to the same state', async () => {
    const lab = await whole();
    const { state, isTorn } = readJournal(lab.text);
    expect(isTorn).toBe(false);
    expect(state).toMatchObject({ phase: 'published', verdict: 'pass', plan: { run: RUN } });
  });

  it('drops a last line that a crash cut short, at every byte', async () => {
    const lab = await whole();
    const last = lab.text.lastIndexOf('\n', lab.text.length - 2) + 1;
    for (let end = last; end < lab.text.length; end += 7) {
      const { state, isTorn, bytes } = readJournal(lab.text.slice(0, end));
      expect(state?.phase).toBe('signed');
      expect(isTorn).toBe(end > last);
      expect(bytes).toBe(last);
    }
  });

  it('refuses a line that was changed, taken out, doubled or moved', async () => {
    const lab = await whole();
    const lines = lab.text.trimEnd().split('\n');
    const text = (changed: readonly string[]) => `${changed.join('\n')}\n`;
    const at = 5;
    const damaged: Record<string, string[]> = {
      changed: lines.with(at, lines[at]!.replace('"at":', '"at":1')),
      'taken out': lines.toSpliced(at, 1),
      doubled: lines.toSpliced(at, 0, lines[at]!),
      moved: lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!),
      'not JSON': lines.with(at, 'nonsense'),
    };
    for (const [what, changed] of Object.entries(damaged))
      expect(() => readJournal(text(changed)), what).toThrow(/does not follow|out of order/);
  });

  it('refuses an event that its phase does not know', async () => {
    const lab = await whole();
    const lines = lab.text.trimEnd().split('\n').slice(0, 1);
    const { createHash } = await import('node:crypto');
    const prev = createHash('sha256').update(lines[0]!).digest('hex');
    const forged = JSON.stringify({ seq: 2, at: 1, prev, event: { type: 'signed', evidence: {} } });
    expect(() => readJournal(`${lines[0]}\n${forged}\n`)).toThrow(/out of order: signed in phase planned/);
  });
});

describe('names', () => {
  it('run ids are sortable by time, and fit RDS', () => {
    const early = newRunId(Date.UTC(2026, 10, 22, 0, 15), () => 0);
    const late = newRunId(Date.UTC(2026, 10, 22, 0, 16), () => 0.999);
    expect(early).toBe('20261122-001500-bbbbbb');
    expect([late, early].sort()).toEqual([early, late]);
    for (const id of [early, late]) {
      expect(isRunId(id)).toBe(true);
      expect(testIdOf(id)).toMatch(/^[a-z](-?[a-z0-9])*$/);
      expect(testIdOf(id).length).toBeLessThanOrEqual(63);
    }
    for (const bad of ['', '../x', '20261122-001500-BBBBBB', `${early}/..`]) expect(isRunId(bad)).toBe(false);
  });

  it('tags hold only what AWS takes', () => {
    expect(tagValue('arn:aws:sts::1:assumed-role/x/ana@example.com')).toBe(
      'arn:aws:sts::1:assumed-role/x/ana@example.com',
    );
    expect(tagValue('a<b>"c"\n')).toBe('a_b__c__');
    expect(tagValue('x'.repeat(300))).toHaveLength(256);
    expect(runTags({ run: RUN, source: 's', expires: 0, owner: 'o' })).toEqual({
      'roc:managed': 'restore-test',
      'roc:run': RUN,
      'roc:source': 's',
      'roc:expires': '1970-01-01T00:00:00.000Z',
      'roc:owner': 'o',
    });
  });
});
