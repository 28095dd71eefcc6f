/** The style sheet of the pages; its hash stands in their content security policy. */

export const STYLE = `
:root{--ink:#17202b;--soft:#5a6675;--line:#dde3ea;--page:#eef1f5;--card:#fff;--pass:#1d7a4f;--fail:#a61b2f;--inconclusive:#a06a00;--bar:#3d5a86;--track:#e6ebf1;--tint-pass:#e7f4ed;--tint-fail:#fbeaec;--tint-inconclusive:#fdf3e0}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:1040px;margin:28px auto 60px;background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:hidden}
header{padding:30px 36px 26px;border-top:8px solid var(--tone);background:var(--tint)}
.kicker{margin:0;color:var(--soft);font-size:13px;letter-spacing:.08em;text-transform:uppercase}
h1{font-size:30px;line-height:1.2;margin:4px 0 10px}
h2{font-size:17px;margin:34px 0 12px}
.verdict{display:inline-block;background:var(--tone);color:#fff;font-weight:600;border-radius:20px;padding:4px 16px;font-size:15px}
header p.say{margin:12px 0 0;max-width:70ch}
.pass{--tone:var(--pass);--tint:var(--tint-pass)}.fail{--tone:var(--fail);--tint:var(--tint-fail)}.inconclusive{--tone:var(--inconclusive);--tint:var(--tint-inconclusive)}
section{padding:0 36px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:14px;padding-top:26px}
.card{border:1px solid var(--line);border-radius:10px;padding:14px 18px}
.card span{display:block;color:var(--soft);font-size:13px}
.card b{display:block;font-size:25px;line-height:1.3;font-variant-numeric:tabular-nums}
.card.bad b{color:var(--fail)}.card.good b{color:var(--pass)}
.card small{color:var(--soft)}
svg{width:100%;height:auto;display:block;margin-top:6px}
.label,.figure{font:14px system-ui,sans-serif;fill:var(--ink)}
.figure{font-variant-numeric:tabular-nums}
.track{fill:var(--track)}.bar{fill:var(--bar)}.late{fill:var(--fail)}.target{stroke:var(--ink);stroke-width:2;stroke-dasharray:4 3}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:8px 10px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{color:var(--soft);font-weight:600;font-size:12px;text-transform:uppercase;letter-spacing:.04em;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.id{font-weight:600;min-width:210px}
.pill{display:inline-block;border-radius:10px;padding:1px 10px;font-size:12px;font-weight:600;color:var(--tone);background:var(--tint);white-space:nowrap}
.crit{color:var(--soft);font-size:12px;font-weight:400;display:block}
.chunks{margin:6px 0 0;padding:8px 12px;background:var(--tint-fail);border-radius:6px;font-size:13px}
.chunks code{display:block}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:170px 1fr;gap:6px 18px;margin:0;font-size:14px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.note{color:var(--soft);font-size:13px;margin:10px 0 0}
ol.time{list-style:none;margin:0;padding:0 0 0 18px;border-left:2px solid var(--line);font-size:14px}
ol.time li{position:relative;padding:2px 0}
ol.time li::before{content:"";position:absolute;left:-24px;top:9px;width:10px;height:10px;border-radius:5px;background:var(--bar)}
ol.time time{color:var(--soft);font-variant-numeric:tabular-nums;margin-right:12px}
footer{margin-top:34px;padding:22px 36px 28px;border-top:1px solid var(--line);background:var(--page);font-size:13px;color:var(--soft)}
footer code{color:var(--ink)}
@media print{@page{margin:14mm}body{background:#fff;font-size:12px}main{border:0;margin:0;max-width:none;border-radius:0}section,header,footer{padding-left:0;padding-right:0}header{padding-left:14px}tr,.card,figure,li{break-inside:avoid}h2{break-after:avoid}}
@media (max-width:640px){dl{grid-template-columns:1fr}dt{margin-top:6px}section,header,footer{padding-left:18px;padding-right:18px}}
`;
