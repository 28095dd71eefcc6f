import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderHtml } from '../../../../src/scale/simulate/report/html.js';
import { renderSvg } from '../../../../src/scale/simulate/report/svg.js';
import { launchBrowser } from '../../../helpers/browser.js';
import { describeWith } from '../../../helpers/parts.js';
import { makeTempDir, removeDir } from '../../../helpers/temp-dir.js';
import { EVIL, sampleReport } from '../sample.js';

describeWith('browser', 'the report of a simulation in a browser', () => {
  let browser: Browser;
  let dir: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    dir = makeTempDir('simulation');
    const { report, pictures } = sampleReport();
    writeFileSync(join(dir, 'report.html'), renderHtml(report, pictures));
    writeFileSync(join(dir, 'report.svg'), renderSvg(report, pictures));
  });
  afterAll(async () => {
    await browser?.close();
    removeDir(dir);
  });

  async function open(file: string, width: number, colorScheme: 'light' | 'dark' = 'light') {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    page.on('pageerror', (error) => told.push(error.message));
    page.on('request', (request) => {
      if (!request.url().endsWith(file)) told.push(request.url());
    });
    await page.goto(pathToFileURL(join(dir, file)).href);
    return { page, told, context };
  }

  it('runs nothing, asks for nothing and breaks no rule of its own policy', async () => {
    const { page, told, context } = await open('report.html', 1240);
    expect(await page.title()).toBe('What each policy would have done');
    expect(await page.locator('script, img, iframe, a').count()).toBe(0);
    expect(await page.locator('body').innerText()).toContain(EVIL);
    expect(told).toEqual([]);
    await context.close();
  });

  it.each([390, 800, 1240])(
    'is no wider than a window of %i pixels, and draws every series',
    async (width) => {
      const { page, context } = await open('report.html', width);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      for (const line of await page.locator('article path.capacity').all())
        expect((await line.boundingBox())?.width).toBeGreaterThan(300);
      await context.close();
    },
  );

  it('is dark in the dark', async () => {
    const background = async (scheme: 'light' | 'dark') => {
      const { page, context } = await open('report.html', 800, scheme);
      const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      await context.close();
      return colour;
    };
    expect(await background('light')).toBe('rgb(246, 247, 249)');
    expect(await background('dark')).toBe('rgb(13, 17, 22)');
  });

  it('shows the picture as a file of its own', async () => {
    const { page, told, context } = await open('report.svg', 1240);
    const drawn = await page.evaluate<number>('document.querySelectorAll("path.capacity").length');
    expect([drawn, told]).toEqual([2, []]);
    await context.close();
  });
});
