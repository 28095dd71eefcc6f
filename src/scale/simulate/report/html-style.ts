/** The style sheet of the page; its hash stands in the page's content security policy. */
import { PALETTE, PICTURE_STYLE } from './svg.js';

export const STYLE = `
${PALETTE}
:root{--back:#f6f7f9;--good:#2c7a4b}
@media (prefers-color-scheme:dark){:root{--back:#0d1116;--good:#58b57f}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;line-height:1.2;margin:0 0 6px}
h2{font-size:19px;margin:36px 0 10px}
h3{font-size:16px;margin:0 0 4px;overflow-wrap:anywhere}
p{margin:6px 0}
.soft{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}
.card,figure,.wrap,article{background:var(--page);border:1px solid var(--rule);border-radius:8px}
.card{padding:12px 16px}
.card b{display:block;font-size:26px;line-height:1.25;font-variant-numeric:tabular-nums}
.card span{color:var(--soft);font-size:13px}
article{padding:16px;margin:0 0 16px}
figure{margin:0;padding:14px 16px}
.picture{overflow-x:auto;margin:8px 0}
.picture svg{display:block;width:100%;min-width:600px;height:auto}
.wrap{overflow-x:auto}
article .wrap{border-radius:6px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{padding:6px 12px;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}
tr:last-child td{border-bottom:0}
th{color:var(--soft);font-size:12px;font-weight:600}
tr.ours td{font-weight:600}
tr.limit td{color:var(--soft)}
.wins{color:var(--good)}.loses{color:var(--bad);font-weight:600}
ul{margin:6px 0;padding-left:20px}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--soft);margin:10px 0 0;padding:0;list-style:none}
.key svg{width:26px;height:12px;vertical-align:-1px;margin-right:6px}
.dot{fill:var(--soft);opacity:.55}.dot.first{fill:var(--line);opacity:1}
.front{fill:none;stroke:var(--soft);stroke-width:1.2}.front.first{stroke:var(--line);stroke-width:2}
.front.second{stroke:var(--rival)}.dot.second{fill:var(--rival)}
.name{font:600 12px system-ui,sans-serif;fill:var(--ink)}
@media print{article,figure,.card{break-inside:avoid}}
${PICTURE_STYLE}`;
