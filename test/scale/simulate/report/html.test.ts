import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../../../src/scale/simulate/report/html.js';
import { renderSvg } from '../../../../src/scale/simulate/report/svg.js';
import { EVIL, sampleReport } from '../sample.js';

const { report, pictures } = sampleReport();

describe('the page', () => {
  const html = renderHtml(report, pictures);

  it('allows its own style sheet by hash and nothing else', () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    expect(html).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(html).not.toMatch(/<script|<img|<link|<iframe|<form|style="|url\(|https?:/);
  });

  it('holds what foreign names say as text', () => {
    expect(html).not.toContain(EVIL);
    expect(html).toContain('&lt;script&gt;');
  });

  it('says what is an emulation, where the policy loses, and each series with its oracle', () => {
    expect(html).toContain('<b>emulation</b>');
    expect(html).toContain('Where roc loses');
    expect(html.split('<tr class="limit">').length - 1).toBe(1 + report.series.length);
    expect(html.split('class="need"').length - 1).toBe(report.series.length + 1);
  });

  it('names the faults that were simulated', () => {
    const broken = { ...report, faults: { ...report.faults, outageMinutes: 45, outageAs: 'zero' as const } };
    expect(renderHtml(broken, pictures)).toContain('metrics read zero for 45 min a day');
  });

  it('has no number that is none', () => {
    expect(html).not.toMatch(/NaN|undefined|Infinity|null/);
    expect(renderSvg(report, pictures)).not.toMatch(/NaN|undefined|Infinity|null/);
  });
});

describe('the picture as a file', () => {
  it('is one SVG with a panel a series and nothing from elsewhere', () => {
    const svg = renderSvg(report, pictures);
    expect(svg.split('class="title"').length - 1).toBe(2);
    expect(svg).not.toContain(EVIL);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/<script|<image|url\(|https?:/);
  });
});
