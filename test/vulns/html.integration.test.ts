import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../helpers/browser.js';
import { describeWith } from '../helpers/parts.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { report } from './run-report.js';
import { ecrEnhanced, inspectorFinding } from './samples.js';

const EVIL = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'"><a href="javascript:1">`;

describeWith('browser', 'the HTML report in a browser', () => {
  let browser: Browser;
  let dir: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    dir = makeTempDir('html');
  });
  afterAll(async () => {
    await browser?.close();
    removeDir(dir);
  });

  async function open(width: number) {
    const file = join(dir, 'report.html');
    const failed = { ...ecrEnhanced(), imageScanStatus: { status: 'FAILED' }, imageScanFindings: null };
    const input = {
      'i.json': [
        { ...inspectorFinding(), title: EVIL },
        inspectorFinding({ cve: 'CVE-2024-0002', arn: 'arn:x:2', pkg: EVIL, severity: 'HIGH' }),
      ],
      'e.json': { ...failed, repositoryName: EVIL, imageScanStatus: { status: 'FAILED', description: EVIL } },
    };
    await report(input, {
      outputs: [{ file, format: 'html' }],
      gates: [{ name: EVIL, when: { severity: 'critical' }, max: 0 }],
    });
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:') || !request.url().endsWith('report.html'))
        told.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    return { page, told, context };
  }

  it('runs nothing, asks for nothing and breaks no rule of its own policy', async () => {
    const { page, told, context } = await open(1240);
    expect(await page.title()).toBe('What to fix first');
    expect(await page.locator('script, img, iframe, a').count()).toBe(0);
    await page.locator('details summary').first().click();
    expect(await page.locator('details[open] li').count()).toBeGreaterThan(0);
    const text = await page.locator('body').innerText();
    expect(text).toContain(EVIL);
    expect(text).toContain('Not scanned');
    expect(told).toEqual([]);
    await context.close();
  });

  it.each([390, 800, 1240])('is no wider than a window of %i pixels', async (width) => {
    const { page, context } = await open(width);
    const widest = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(widest).toBeLessThanOrEqual(width);
    await context.close();
  });
});
