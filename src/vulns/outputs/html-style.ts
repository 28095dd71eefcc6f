/** The style sheet of the HTML report; its hash stands in the page's content security policy. */

export const STYLE = `
:root{--ink:#1c2430;--soft:#5b6675;--line:#dfe4ea;--page:#f6f7f9;--card:#fff;--critical:#9b1c31;--high:#c2571a;--medium:#b58a00;--low:#3b6fb0;--info:#7a8694;--good:#2c7a4b;--bar:#42597a}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#2d3744;--page:#12171e;--card:#1a212b;--critical:#e0556d;--high:#e8854a;--medium:#d9b13b;--low:#6ea3e0;--info:#8b98a8;--good:#58b57f;--bar:#7f9cc4}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1200px;margin:0 auto;padding:28px 24px 60px}
header p{margin:4px 0;color:var(--soft)}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:18px;margin:34px 0 12px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:12px;margin:22px 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 16px}
.card b{display:block;font-size:26px;line-height:1.2;font-variant-numeric:tabular-nums}
.card span{color:var(--soft);font-size:13px}
.card.bad b{color:var(--critical)}
.card.good b{color:var(--good)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:12px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 16px}
figcaption{font-weight:600;margin-bottom:6px}
svg{width:100%;height:auto;display:block}
.label,.figure{font:14px system-ui,sans-serif;fill:var(--ink)}
.figure{font-variant-numeric:tabular-nums}
.track{fill:var(--line);opacity:.55}
rect.critical{fill:var(--critical)}rect.high{fill:var(--high)}rect.medium{fill:var(--medium)}rect.low{fill:var(--low)}rect.info{fill:var(--info)}rect.bar{fill:var(--bar)}
.wrap{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:8px 12px;border-bottom:1px solid var(--line)}
tr:last-child td{border-bottom:0}
th{color:var(--soft);font-weight:600;font-size:12px;text-transform:uppercase;letter-spacing:.04em;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
td.nowrap{white-space:nowrap}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
.sev{display:inline-block;padding:1px 8px;border-radius:10px;color:#fff;font-size:12px;font-weight:600}
.sev.critical{background:var(--critical)}.sev.high{background:var(--high)}.sev.medium{background:var(--medium)}.sev.low{background:var(--low)}.sev.info,.sev.unknown{background:var(--info)}
@media (prefers-color-scheme:dark){.sev{color:#12171e}}
.late{color:var(--critical);font-weight:600}
.why{color:var(--soft);font-size:13px;margin:4px 0 0;padding-left:18px}
.pass{color:var(--good);font-weight:600}.fail{color:var(--critical);font-weight:600}
.note{color:var(--soft)}
details summary{cursor:pointer;color:var(--soft);font-size:13px}
@media print{body{background:#fff}.card,figure,.wrap{break-inside:avoid}}
`;
